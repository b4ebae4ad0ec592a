/** The names of the paths, as a saved drawing has them. */

import type { Key } from '../lib/caption';
import { trailColour, trailStroke } from '../lib/colours';
import type { Theme } from '../lib/view.svelte';
import type { ValleyState } from './state.svelte';

/** Those that are shown, if there are several. solid: whether their lines are drawn without gaps. */
export function keysOf(shared: ValleyState, theme: Theme, solid = false): Key[] {
  if (shared.tracks.length < 2) return [];
  return shared.visible.map((t) => ({
    name: shared.tracks[t]?.name ?? '',
    colour: trailColour(t, theme),
    dash: solid ? 'none' : trailStroke(t),
  }));
}
