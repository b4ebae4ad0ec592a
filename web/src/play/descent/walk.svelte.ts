/** A walk along what was answered: the drawings of the viewer show the step where it is. */

import { setContext } from 'svelte';
import { KEY as VIEW, View } from '../../lib/view.svelte';
import { ValleyState, type Sight } from '../../valley/state.svelte';
import { NO_SCENE } from '../no-scene';
import type { Play } from '../state.svelte';

export class Walk {
  readonly page: Play;
  /** Its position is the number of steps taken. */
  readonly view: View;
  valley: ValleyState | null = $state.raw(null);

  constructor(page: Play) {
    this.page = page;
    this.view = new View(NO_SCENE, page.language, page.theme);
  }

  get step(): number {
    return this.view.position;
  }

  get last(): number {
    return this.view.times.length - 1;
  }

  /** Shows a new answer: from its beginning, or from the step where the walk is. */
  show(sight: Sight, fromStart: boolean): void {
    const steps = Math.max(...sight.tracks.map(({ points }) => points.length));
    const before = this.valley;
    const next = new ValleyState(sight);
    next.slope = before?.slope ?? true;
    next.arrows = before?.arrows ?? false;
    if (sight.terrain.beta.length < 2)
      next.log = false; // a parabola is to look like one
    else if (before && next.logOffered && !fromStart) next.log = before.log;
    if (before && before.tracks.length === next.tracks.length) next.sloped = before.sloped;
    this.view.times = Float64Array.from({ length: steps }, (_, k) => k);
    if (fromStart) this.view.go(0);
    else this.view.position = Math.min(this.view.position, this.last);
    this.valley = next;
  }

  go(step: number): void {
    this.view.go(step);
  }
}

/** Lets the viewer's components below find the walk, in the page's language and colours. */
export function provide({ page, view }: Walk): void {
  setContext(VIEW, view);
  $effect.pre(() => {
    view.language = page.language;
    view.theme = page.theme;
  });
}
