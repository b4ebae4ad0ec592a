/** What a tab keeps in its storage while it is loaded anew. */

export const LANGUAGE = 'koubai-language';
export const THEME = 'koubai-theme';
