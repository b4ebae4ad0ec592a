/** Every text of the playground, in Japanese: its parts together. */

import { benchesJa } from './play-benches-ja';
import type { playEn } from './play-en';
import { lessonsJa } from './play-lessons-ja';
import { networkJa } from './play-network-ja';
import { shellJa } from './play-shell-ja';

export const playJa: Record<keyof typeof playEn, string> = {
  ...shellJa,
  ...networkJa,
  ...benchesJa,
  ...lessonsJa,
};
