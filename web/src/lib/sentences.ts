/** Sentences of the scene: Python leaves them open, for it puts them together. */

import type { Language } from './view.svelte';

/** With its first letter large, where there are such letters. */
export function opened(told: string): string {
  return told.charAt(0).toUpperCase() + told.slice(1);
}

/** With its end too, unless it has one. */
export function sentence(told: string, language: Language): string {
  const end = /[.!?。！？]$/.test(told) ? '' : language === 'ja' ? '。' : '.';
  return opened(told) + end;
}
