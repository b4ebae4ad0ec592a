/** Styles that are no component's own: KaTeX's, with its fonts in them. */

import katex from 'katex/dist/katex.min.css?inline';

const ID = 'koubai-katex';

/** Fonts count for a whole document, so that the styles stand there, once. */
export function addStyles(): void {
  if (document.getElementById(ID)) return;
  const style = document.createElement('style');
  style.id = ID;
  style.textContent = katex;
  document.head.append(style);
}
