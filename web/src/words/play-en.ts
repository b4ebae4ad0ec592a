/** Every text of the playground, in English: its parts together. */

import { benchesEn } from './play-benches-en';
import { lessonsEn } from './play-lessons-en';
import { networkEn } from './play-network-en';
import { shellEn } from './play-shell-en';

export const playEn = { ...shellEn, ...networkEn, ...benchesEn, ...lessonsEn };
