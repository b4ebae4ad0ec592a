/** Texts in a drawing: which would overlap, and where a contour has room for one. */

import { sized, textWidth } from '../charts/labels';
import type { Vector } from './terrain';

/** A rectangle: left, top, right, bottom. */
export type Box = readonly [number, number, number, number];

export function overlap(a: Box, b: Box, room = 2): boolean {
  return a[0] < b[2] + room && b[0] < a[2] + room && a[1] < b[3] + room && b[1] < a[3] + room;
}

/** The corner of a tip beside a point: in its room, off the point, and over as few others as may be. */
export function tipCorner(
  [x, y]: Vector,
  [width, height]: Vector,
  [left, top, right, bottom]: Box,
  avoid: readonly Vector[],
): Vector {
  const held = (wanted: number, low: number, high: number): number =>
    Math.max(low, Math.min(wanted, high));
  const sides = [x + TIP, x - width - TIP, x - width / 2];
  const levels = [y + TIP, y - height - TIP, y - height / 2];
  const corners = levels.flatMap((level) =>
    sides.map((side): Vector => [
      held(side, left, right - width),
      held(level, top, bottom - height),
    ]),
  );
  const covered = ([a, b]: Vector, [px, py]: Vector): boolean =>
    overlap([a, b, a + width, b + height], [px, py, px, py], BALL);
  const costs = corners.map(
    (corner) =>
      (covered(corner, [x, y]) ? avoid.length + 1 : 0) +
      avoid.filter((point) => covered(corner, point)).length,
  );
  return corners[costs.indexOf(Math.min(...costs))] as Vector;
}

const [TIP, BALL] = [14, 9]; // pixels: from a point to its tip, and what a ball takes

/** Those of the values, in order, whose places are at least so far apart. */
export function apart<T>(items: readonly T[], place: (item: T) => number, least: number): T[] {
  const kept: T[] = [];
  for (const item of items) {
    if (kept.every((other) => Math.abs(place(other) - place(item)) >= least)) kept.push(item);
  }
  return kept;
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

interface Ringed {
  readonly text: string;
  readonly rings: readonly (readonly Vector[])[];
}

const MOST = 9;
const HALF = sized(8); // the height of a text
const [TO_EDGE, TO_PATH, TO_LABEL] = [6, 14, 22];
const ENOUGH = 60; // pixels of room: more is not better

/** The values of contour lines where they have room: away from the edge, paths, and each other. */
export function placeLabels(
  levels: readonly Ringed[],
  size: Vector,
  avoid: readonly Vector[],
): Label[] {
  const every = 1 + Math.floor((levels.length - 1) / MOST);
  const found: Label[] = [];
  for (const level of levels.filter((_, k) => k % every === 0)) {
    const half = textWidth(level.text) / 2;
    const place = bestPlace(level, half, size, avoid, found);
    if (place) found.push({ x: place[0], y: place[1], text: level.text });
  }
  return found;
}

function bestPlace(
  level: Ringed,
  half: number,
  [width, height]: Vector,
  avoid: readonly Vector[],
  found: readonly Label[],
): Vector | null {
  let [best, most]: [Vector | null, number] = [null, -Infinity];
  for (const point of candidates(level.rings, half)) {
    const [x, y] = point;
    const edge = Math.min(x - half, width - x - half, y - HALF, height - y - HALF);
    const path = distance(point, avoid) - half;
    const label =
      distance(
        point,
        found.map((other) => [other.x, other.y] as const),
      ) -
      2 * half;
    if (edge < TO_EDGE || path < TO_PATH || label < TO_LABEL) continue;
    const room = Math.min(path, ENOUGH) + Math.min(label, ENOUGH) + Math.min(edge, ENOUGH / 2);
    if (room > most) [best, most] = [point, room];
  }
  return best;
}

/** Some points of the rings that are long enough for a text. */
function candidates(rings: Ringed['rings'], half: number): Vector[] {
  const long = rings.filter((ring) => span(ring, 0) + span(ring, 1) > 4 * half);
  const points = long.flat();
  const every = Math.max(1, Math.floor(points.length / 80));
  return points.filter((_, k) => k % every === 0);
}

function span(ring: readonly Vector[], axis: 0 | 1): number {
  let [low, high] = [Infinity, -Infinity];
  for (const point of ring) [low, high] = [Math.min(low, point[axis]), Math.max(high, point[axis])];
  return high - low;
}

function distance([x, y]: Vector, others: readonly Vector[]): number {
  let least = Infinity;
  for (const [a, b] of others) least = Math.min(least, Math.hypot(a - x, b - y));
  return least;
}
