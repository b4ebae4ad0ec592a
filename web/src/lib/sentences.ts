/** Sentences of the scene: Python leaves them open, for it puts them together. */

import type { Language } from './view.svelte';

/** An English sentence with its first letter large, unless it begins with a name of code. */
export function opened(told: string, language: Language): string {
  const begins = language === 'en' && /^[a-z][a-z-]*(?=[\s,;:.]|$)/.test(told);
  return begins ? told.charAt(0).toUpperCase() + told.slice(1) : told;
}

/** With its end too, unless it has one. */
export function sentence(told: string, language: Language): string {
  const end = /[.!?。！？]$/.test(told) ? '' : language === 'ja' ? '。' : '.';
  return opened(told, language) + end;
}
