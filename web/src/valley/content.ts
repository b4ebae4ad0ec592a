/** All that is drawn in space, of what the drawings of a valley share. */

import { trailColour, trailWidth } from '../lib/colours';
import type { Theme } from '../lib/view.svelte';
import { triangles } from './facets';
import { contourPieces, differs, draped, dropLines, positions, type Surface } from './mesh';
import type { Content, Line } from './objects';
import { colours } from './shading';
import type { ValleyState } from './state.svelte';
import { longestFirst, type Track } from './tracks';

const LINES: Record<Theme, { contour: string; box: string; drop: string }> = {
  light: { contour: '#5f7891', box: '#b8bfc6', drop: '#5f6870' },
  dark: { contour: '#9db4ca', box: '#4a555f', drop: '#a3adb5' },
};

/** The surface with its contours. */
export function contentOf(state: ValleyState, surface: Surface, theme: Theme): Content {
  const look = LINES[theme];
  const shown = state.tracks.filter((_, t) => state.shown(t));
  const drops = state.isLoss ? shown.map((track) => dropLines(surface, track)) : [];
  return {
    positions: positions(surface),
    triangles: triangles(surface),
    colours: colours(surface, theme),
    pieces: [
      { points: boxLines(surface), colour: look.box, opacity: 1 },
      { points: contourPieces(surface, state.levels), colour: look.contour, opacity: 0.55 },
      ...drops.map((points) => ({ points, colour: look.drop, opacity: 0.6 })),
    ],
  };
}

/** The paths on it, as far as they are drawn at a moment. */
export function pathsOf(
  state: ValleyState,
  surface: Surface,
  theme: Theme,
  iteration: number,
): Line[] {
  const order = longestFirst(state.tracks, state.window);
  return order.flatMap((t, k) => {
    const track = state.tracks[t];
    if (!track || !state.shown(t)) return [];
    const count = state.reached(track, iteration);
    const part = count < track.points.length;
    const reached = part ? { ...track, points: track.points.slice(0, count) } : track;
    const width = 1 + trailWidth(order.length - 1 - k, order.length);
    return linesOf(state, surface, reached, t, { colour: trailColour(t, theme), width });
  });
}

/** A path at its true height, and thinner the plane's value beneath it where that is seen to differ. */
function linesOf(
  state: ValleyState,
  surface: Surface,
  track: Track,
  t: number,
  { colour, width }: Pick<Line, 'colour' | 'width'>,
): Line[] {
  const path: Line = {
    parts: draped(surface, track, state.drawn[t] ?? []),
    colour,
    width,
    behind: 0.3,
    opacity: 1,
  };
  if (!state.isLoss || !differs(surface.heights, track)) return [path];
  const shadow = {
    parts: draped(surface, track, track.beneath),
    colour,
    width: 1.2,
    behind: 0,
    opacity: 0.65,
  };
  return [path, shadow];
}

/** The edge of the floor. */
function boxLines({ box: { x, z } }: Surface): Float32Array {
  const corners = [[-x, -z], [x, -z], [x, z], [-x, z]] as const; // prettier-ignore
  return new Float32Array(
    corners.flatMap(([a, b], k) => {
      const [c, d] = corners[(k + 1) % 4] as readonly [number, number];
      return [a, 0, b, c, 0, d];
    }),
  );
}
