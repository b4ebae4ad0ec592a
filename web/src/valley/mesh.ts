/** The surface in space: x to the right (α), y up (the height), z towards the viewer (−β). */

import { fallingCuts } from './facets';
import { heightOf, type Heights } from './heights';
import { piecesOf, type Level } from './rings';
import {
  at,
  coordinateAt,
  shapeOf,
  placeOn,
  windowOf,
  type Terrain,
  type Vector,
  type Window,
} from './terrain';
import { clipped, isInside, type Track } from './tracks';

export type Point = readonly [number, number, number];

/** Half of the box's width and depth, and its height. */
export interface Box {
  readonly x: number;
  readonly z: number;
  readonly y: number;
}

export interface Surface {
  readonly box: Box;
  readonly window: Window;
  readonly terrain: Terrain;
  readonly heights: Heights;
  /** How high each grid point is drawn, 0 to 1; NaN where it is not finite. */
  readonly rise: Float64Array;
  /** Of each square of the grid, whether it is cut from (0, 1) to (1, 0), and not from (0, 0) to (1, 1). */
  readonly falling: Uint8Array;
}

/** A step across the whole window is cut into so many pieces, to lie on the surface. */
const PIECES = 80;
/** Of the box's height: less than this no eye sees. */
export const VISIBLE = 0.01;

export function surfaceOf(terrain: Terrain, heights: Heights): Surface {
  const shape = shapeOf(terrain);
  const widest = Math.max(1, shape);
  return {
    box: { x: 1 / widest, z: shape / widest, y: 0.95 },
    window: windowOf(terrain),
    terrain,
    heights,
    rise: terrain.values.map((value) => heightOf(heights, value)),
    falling: fallingCuts(terrain, heights),
  };
}

/** A point of the plane, at a height from 0 to 1, in space. */
export function inSpace(
  { box, window: [[left, right], [low, high]] }: Surface,
  [a, b]: Vector,
  rise: number,
): Point {
  return [
    box.x * ((2 * (a - left)) / (right - left) - 1),
    box.y * rise,
    -box.z * ((2 * (b - low)) / (high - low) - 1),
  ];
}

/** The point of the plane below a point in space. */
export function onPlane(
  { box, window: [[left, right], [low, high]] }: Surface,
  [x, , z]: Point,
): Vector {
  return [
    left + ((x / box.x + 1) / 2) * (right - left),
    low + ((1 - z / box.z) / 2) * (high - low),
  ];
}

/** How high the surface's triangle over (α, β) is drawn, 0 to 1; NaN outside and over a hole. */
export function riseAt({ rise, terrain, falling }: Surface, [a, b]: Vector): number {
  const { alpha, beta } = terrain;
  const [u, v] = [placeOn(alpha, a), placeOn(beta, b)];
  if (Number.isNaN(u) || Number.isNaN(v)) return NaN;
  const i = Math.min(Math.floor(u), alpha.length - 2);
  const j = Math.min(Math.floor(v), beta.length - 2);
  const [x, y] = [u - i, v - j];
  const corner = (right: number, up: number): number =>
    at(rise, (i + right) * beta.length + j + up);
  if (falling[i * (beta.length - 1) + j]) {
    return x + y <= 1
      ? corner(0, 0) * (1 - x - y) + corner(1, 0) * x + corner(0, 1) * y
      : corner(1, 1) * (x + y - 1) + corner(0, 1) * (1 - x) + corner(1, 0) * (1 - y);
  }
  return x >= y
    ? corner(0, 0) * (1 - x) + corner(1, 0) * (x - y) + corner(1, 1) * y
    : corner(0, 0) * (1 - y) + corner(0, 1) * (y - x) + corner(1, 1) * x;
}

/** Three numbers for each grid point. */
export function positions(surface: Surface): Float32Array {
  const { alpha, beta } = surface.terrain;
  const found = new Float32Array(3 * alpha.length * beta.length);
  for (let i = 0, k = 0; i < alpha.length; i++) {
    for (let j = 0; j < beta.length; j++, k++) {
      const rise = at(surface.rise, k);
      found.set(
        inSpace(surface, [at(alpha, i), at(beta, j)], Number.isNaN(rise) ? 0 : rise),
        3 * k,
      );
    }
  }
  return found;
}

/** Contour lines on the surface: two points in space for each piece. */
export function contourPieces(surface: Surface, levels: readonly Level[]): Float32Array {
  const { alpha, beta } = surface.terrain;
  const found: number[] = [];
  for (const level of levels) {
    const rise = heightOf(surface.heights, level.value);
    for (const piece of piecesOf(surface.terrain, level.rings)) {
      for (const [u, v] of piece)
        found.push(...inSpace(surface, [coordinateAt(alpha, u), coordinateAt(beta, v)], rise));
    }
  }
  return new Float32Array(found);
}

/**
 * A path in space: at its points as high as their values say, between them along the surface.
 *
 * values: the true loss, or the plane's. What lies outside the window is cut off.
 */
export function draped(surface: Surface, track: Track, values: ArrayLike<number>): Point[][] {
  const line: number[][] = [];
  const rise = track.points.map((_, k) => heightOf(surface.heights, at(values, k)));
  track.points.forEach((to, k) => {
    const from = track.points[k - 1];
    if (from) line.push(...bridge(surface, from, to, at(rise, k - 1), at(rise, k)));
    line.push(Number.isNaN(at(rise, k)) ? [NaN, NaN, NaN] : [...to, at(rise, k)]);
  });
  return clipped(line, surface.window).map((part) =>
    part.map(([a, b, h]) => inSpace(surface, [a as number, b as number], h as number)),
  );
}

/** What lies between two points: as far above the surface as those are, in proportion. */
function bridge(surface: Surface, from: Vector, to: Vector, h0: number, h1: number): number[][] {
  if (Number.isNaN(h0) || Number.isNaN(h1)) return [];
  const pieces = piecesBetween(surface.window, from, to);
  const [off0, off1] = [h0 - riseAt(surface, from), h1 - riseAt(surface, to)];
  return Array.from({ length: pieces - 1 }, (_, k) => {
    const t = (k + 1) / pieces;
    const point: Vector = [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])];
    const rise = riseAt(surface, point) + (1 - t) * off0 + t * off1;
    return [...point, Number.isNaN(rise) ? h0 + t * (h1 - h0) : Math.min(Math.max(0, rise), 1)];
  });
}

function piecesBetween([[left, right], [low, high]]: Window, from: Vector, to: Vector): number {
  const across = Math.hypot((to[0] - from[0]) / (right - left), (to[1] - from[1]) / (high - low));
  return Number.isFinite(across) ? Math.min(Math.max(1, Math.ceil(PIECES * across)), PIECES) : 1;
}

/** Lines from the path down, or up, to the surface: two points in space for each; most: so many. */
export function dropLines(surface: Surface, track: Track, most = 60): Float32Array {
  const found: number[] = [];
  const every = Math.max(1, Math.ceil(track.points.length / most));
  track.points.forEach((point, k) => {
    if (k % every && k !== track.points.length - 1) return;
    const high = heightOf(surface.heights, at(track.values, k));
    const low = heightOf(surface.heights, at(track.beneath, k));
    // A difference that no eye sees needs no line; nor does one that is not finite have any.
    if (!(Math.abs(high - low) > VISIBLE) || !isInside(point, surface.window)) return;
    found.push(...inSpace(surface, point, high), ...inSpace(surface, point, low));
  });
  return new Float32Array(found);
}
