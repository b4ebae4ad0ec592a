/** The surface in space: x to the right (α), y up (the height), z towards the viewer (−β). */

import { range } from 'd3-array';
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
import { clipped, inWindow, isInside, type Track } from './tracks';

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
 * values: the true loss, or the plane's. What lies outside the window is cut off at its border.
 */
export function draped(surface: Surface, track: Track, values: ArrayLike<number>): Point[][] {
  const line: number[][] = [];
  const off = track.points.map((_, k) => offSurface(surface, track, values, k));
  track.points.forEach((to, k) => {
    const from = track.points[k - 1];
    if (from) line.push(...bridge(surface, from, to, at(off, k - 1), at(off, k)));
    const rise = heightOf(surface.heights, at(values, k));
    line.push(isInside(to, surface.window) && !Number.isNaN(rise) ? [...to, rise] : BREAK);
  });
  return clipped(line, surface.window).map((part) =>
    part.map(([a, b, h]) => inSpace(surface, [a as number, b as number], h as number)),
  );
}

const BREAK = [NaN, NaN, NaN];

/** How far above the surface a point of a path is drawn; outside the window, than its plane's value. */
function offSurface(surface: Surface, track: Track, values: ArrayLike<number>, k: number): number {
  const point = track.points[k] as Vector;
  const rise = heightOf(surface.heights, at(values, k));
  if (isInside(point, surface.window)) return rise - riseAt(surface, point);
  const off = rise - heightOf(surface.heights, at(track.beneath, k));
  return Number.isNaN(off) ? 0 : off;
}

/** What lies between two points, in the window: as far above the surface as those are, in proportion. */
function bridge(
  surface: Surface,
  from: Vector,
  to: Vector,
  off0: number,
  off1: number,
): number[][] {
  const [enter, leave] = inWindow(from, to, surface.window);
  if (!(enter < leave) || Number.isNaN(off0 + off1)) return [];
  const pieces = piecesBetween(surface.window, from, to, leave - enter);
  const [first, last] = [enter > 0 ? 0 : 1, leave < 1 ? pieces : pieces - 1];
  return range(first, last + 1).flatMap((k) => {
    const t = enter + ((leave - enter) * k) / pieces;
    const point = held(surface.window, from, to, t);
    const rise = riseAt(surface, point) + (1 - t) * off0 + t * off1;
    return Number.isNaN(rise) ? [] : [[...point, Math.min(Math.max(0, rise), 1)]];
  });
}

/** A point between two others; on the border, and not beyond it by rounding. */
function held(window: Window, from: Vector, to: Vector, t: number): Vector {
  return window.map(([low, high], axis) =>
    Math.min(Math.max(low, at(from, axis) + t * (at(to, axis) - at(from, axis))), high),
  ) as unknown as Vector;
}

function piecesBetween(
  [[left, right], [low, high]]: Window,
  from: Vector,
  to: Vector,
  share: number,
): number {
  const sides = [(to[0] - from[0]) / (right - left), (to[1] - from[1]) / (high - low)];
  const across = share * Math.hypot(...sides);
  return Number.isFinite(across) ? Math.min(Math.max(1, Math.ceil(PIECES * across)), PIECES) : 1;
}

/** Whether a path is seen to lie above, or below, the plane's values beneath it. */
export function differs(heights: Heights, track: Track | undefined): boolean {
  return Array.from(track?.values ?? []).some((value, k) => {
    const low = at(track?.beneath ?? [], k);
    return Math.abs(heightOf(heights, value) - heightOf(heights, low)) > VISIBLE;
  });
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
