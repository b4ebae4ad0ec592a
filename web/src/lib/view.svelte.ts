/** What every part of a page shares: the scene, the language, and the moment that is shown. */

import { getContext } from 'svelte';
import { numbers } from './arrays';
import { count, filled } from './format';
import { PAPER } from './paper';
import type { Scene, Text } from '../scene';
import { en } from '../words/en';
import { ja } from '../words/ja';

export type Language = 'en' | 'ja';
export type Theme = 'light' | 'dark';
export type Word = keyof typeof en;
/** Texts with a count in them, of which there is another for one. */
type Counted = Word & keyof { [W in Word as W extends `${infer Many}_one` ? Many : never]: W };

const CATALOGUES: Record<Language, Record<Word, string>> = { en, ja };
/** Under this the root is mounted with its view, which `useView` finds. */
export const KEY = Symbol('view');

/** The state of one page. Every part of it that shows a moment follows `position`. */
export class View {
  readonly scene: Scene;
  /** Iterations done at each position of the slider. */
  times: Float64Array = $state.raw(new Float64Array(1));

  language: Language = $state('en');
  /** Whether the page is being put on paper. */
  printing: boolean = $state(false);
  private chosen: Theme = $state('light');
  position: number = $state(0);
  playing: boolean = $state(false);

  constructor(scene: Scene, language: Language, theme: Theme) {
    this.scene = scene;
    this.language = language;
    this.chosen = theme;
    this.times = times(scene);
    this.position = Math.max(0, this.times.length - 1);
  }

  /** The one that was chosen; but paper is light. */
  get theme(): Theme {
    return this.printing ? 'light' : this.chosen;
  }

  set theme(theme: Theme) {
    this.chosen = theme;
  }

  /** The room that a drawing has: on paper that of the sheet, which is not measured in time. */
  room(measured: number): number {
    return this.printing ? PAPER : measured;
  }

  /** Iterations done at the moment that is shown. */
  get iteration(): number {
    return this.times[this.position] ?? 0;
  }

  /** A text of the catalogue in the chosen language, its {names} filled in. */
  word(key: Word, values?: Record<string, string | number>): string {
    return filled(CATALOGUES[this.language][key], values);
  }

  /** A text of the catalogue about so many. */
  counted(key: Counted, number: number, values: Record<string, string> = {}): string {
    const one: Word = `${key}_one`;
    return this.word(number === 1 ? one : key, { ...values, count: count(number) });
  }

  /** Whether the catalogue has such a text: keys may come with the scene. */
  knows(key: string): key is Word {
    return key in en;
  }

  /** A sentence of the scene's own in the chosen language. */
  text(text: Text): string {
    return text[this.language];
  }

  /** Moves the ball to a position, the nearest there is, and stops the play. */
  go(position: number): void {
    this.playing = false;
    this.position = Math.min(Math.max(0, Math.round(position)), this.times.length - 1);
  }
}

/** The moments are those of the path; without one, those at which the network was looked at. */
function times(scene: Scene): Float64Array {
  const trail = scene.valley?.trails[0];
  if (trail) return numbers(trail.iterations);
  if (scene.network) return numbers(scene.network.moments);
  if (scene.curves) return numbers(scene.curves.iterations);
  return new Float64Array(1);
}

export function useView(): View {
  return getContext<View>(KEY);
}
