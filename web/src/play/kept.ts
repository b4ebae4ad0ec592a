/** What a tab keeps in its storage while it is loaded anew. */

import type { Lesson } from './state.svelte';

export const LANGUAGE = 'koubai-language';
export const THEME = 'koubai-theme';
const LESSON = 'koubai-lesson';
const DONE = 'koubai-lesson-done-';
const ADDRESS = 'koubai-address';

/** A screen of a lesson. */
export interface Place {
  readonly lesson: Lesson;
  readonly screen: number;
}

/** Keeps where one is in a lesson; null for in none. */
export function keepPlace(place: Place | null): void {
  if (place) sessionStorage.setItem(LESSON, JSON.stringify(place));
  else sessionStorage.removeItem(LESSON);
}

export function keptPlace(): Place | null {
  const kept = sessionStorage.getItem(LESSON);
  return kept === null ? null : (JSON.parse(kept) as Place);
}

/** Keeps the screens of a lesson whose task is done. */
export function keepDone(lesson: Lesson, screens: Iterable<number>): void {
  sessionStorage.setItem(DONE + lesson, JSON.stringify([...screens]));
}

export function keptDone(lesson: Lesson): number[] {
  return JSON.parse(sessionStorage.getItem(DONE + lesson) ?? '[]') as number[];
}

/** Keeps what was still to be written behind the # of an address that the page leaves. */
export function keepHash(address: string, hash: string): void {
  sessionStorage.setItem(ADDRESS, JSON.stringify([address, hash]));
}

/** What is behind the # of an address, or was to be written there; that once. */
export function keptHash(address: string, hash: string): string {
  const [left, unwritten] = JSON.parse(sessionStorage.getItem(ADDRESS) ?? '[]') as string[];
  sessionStorage.removeItem(ADDRESS);
  return left === address && unwritten !== undefined ? unwritten : hash;
}
