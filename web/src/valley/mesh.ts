/** The surface in space: x to the right (α), y up (the height), z towards the viewer (−β). */

import { heightColour, type Colour } from '../lib/colours';
import type { Theme } from '../lib/view.svelte';
import { heightOf, shadeOf, type Heights } from './heights';
import { piecesOf, type Level } from './rings';
import {
  at,
  between,
  coordinateAt,
  isHole,
  shapeOf,
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
}

/** A step across the whole window is cut into so many pieces, to lie on the surface. */
const PIECES = 80;
/** Of the box's height: less than this no eye sees. */
export const VISIBLE = 0.01;
/** The direction to the light: from the left and behind the viewer. */
const LIGHT: Point = [-0.5, 0.82, 0.29];

export function surfaceOf(terrain: Terrain, heights: Heights): Surface {
  const shape = shapeOf(terrain);
  const widest = Math.max(1, shape);
  return {
    box: { x: 1 / widest, z: shape / widest, y: 0.95 },
    window: windowOf(terrain),
    terrain,
    heights,
    rise: terrain.values.map((value) => heightOf(heights, value)),
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

/** How high the surface is drawn over (α, β), 0 to 1; NaN outside and over a hole. */
export function riseAt({ rise, terrain }: Surface, point: Vector): number {
  return between(rise, terrain, point);
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

/** Two triangles for each square of the grid whose corners are all finite. */
export function triangles(terrain: Terrain): Uint32Array {
  const columns = terrain.beta.length;
  const found: number[] = [];
  for (let i = 0; i < terrain.alpha.length - 1; i++) {
    for (let j = 0; j < columns - 1; j++) {
      if (isHole(terrain, i, j)) continue;
      const k = i * columns + j;
      found.push(k, k + columns, k + columns + 1, k, k + columns + 1, k + 1);
    }
  }
  return new Uint32Array(found);
}

/** A colour for each grid point, by its value; darker on slopes that turn away from the light. */
export function colours(surface: Surface, theme: Theme): Uint8Array {
  const { values } = surface.terrain;
  const points = positions(surface);
  const found = new Uint8Array(3 * values.length);
  values.forEach((value, k) => {
    const light = lightAt(surface, points, k);
    const shade = shadeOf(surface.heights, value);
    const colour: Colour = heightColour(Number.isNaN(shade) ? 0 : shade, theme);
    found.set(
      colour.map((part) => Math.min(255, part * light)),
      3 * k,
    );
  });
  return found;
}

/** How bright the surface is at a grid point, by the slope between its neighbours. */
function lightAt({ rise, terrain }: Surface, points: Float32Array, k: number): number {
  const [rows, columns] = [terrain.alpha.length, terrain.beta.length];
  const [i, j] = [Math.floor(k / columns), k % columns];
  const known = (other: number): number => 3 * (Number.isNaN(at(rise, other)) ? k : other);
  const left = known(Math.max(0, i - 1) * columns + j);
  const right = known(Math.min(rows - 1, i + 1) * columns + j);
  const near = known(i * columns + Math.max(0, j - 1));
  const far = known(i * columns + Math.min(columns - 1, j + 1));
  const slope = (from: number, to: number, axis: 0 | 2): number =>
    from === to
      ? 0
      : (at(points, to + 1) - at(points, from + 1)) /
        (at(points, to + axis) - at(points, from + axis));
  const normal: Point = [-slope(left, right, 0), 1, -slope(near, far, 2)];
  const cosine = dot(normal, LIGHT) / (Math.hypot(...normal) * Math.hypot(...LIGHT));
  return 0.7 + 0.28 * Math.max(0, cosine);
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
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
