/** What lies outside of a picture: where a path leaves it, and where beside it a ball is. */

import { at, type Vector, type Window } from './terrain';
import { clipped, isInside } from './tracks';

export interface Exit {
  readonly place: Vector;
  /** In degrees: 0 to the right, 90 down. */
  readonly angle: number;
}

/** Where a line in pixels, whose end is outside, leaves a picture of that size for good; else null. */
export function exitOf(line: readonly Vector[], size: Vector): Exit | null {
  const picture: Window = [[0, size[0]], [0, size[1]]]; // prettier-ignore
  const end = line.at(-1);
  if (!end || isInside(end, picture)) return null;
  const part = clipped(line, picture).at(-1);
  const [from, to] = [part?.at(-2), part?.at(-1)];
  if (!from || !to) return null;
  const angle = Math.atan2(at(to, 1) - at(from, 1), at(to, 0) - at(from, 0));
  return { place: [at(to, 0), at(to, 1)], angle: (angle * 180) / Math.PI };
}

/** Where beside the edge of a picture a text stands that tells of a point outside; null for one inside. */
export function besideEdge(
  [x, y]: Vector,
  size: Vector,
  [width, height]: Vector,
  edge = 10,
): Vector | null {
  if (Number.isNaN(x) || Number.isNaN(y)) return null;
  if (isInside([x, y], [[0, size[0]], [0, size[1]]])) return null; // prettier-ignore
  const [across, down] = [width / 2 + edge, height / 2 + edge];
  return [
    Math.min(Math.max(across, x), Math.max(across, size[0] - across)),
    Math.min(Math.max(down, y), Math.max(down, size[1] - down)),
  ];
}
