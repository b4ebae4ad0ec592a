/** The values over a plane, or along a line, and what lies between the points of their grid. */

import { lastAtMost, numbers } from '../lib/arrays';
import type { Valley } from '../scene';

export interface Terrain {
  /** α, and of a plane β, both ascending. */
  readonly alpha: Float64Array;
  readonly beta: Float64Array;
  /** values[i · columns + j] at (alpha[i], beta[j]). */
  readonly values: Float64Array;
  readonly errors: Float64Array | null;
  /** ∂f/∂α and ∂f/∂β at each point, one after the other. */
  readonly slopes: Float64Array;
  readonly gram: Gram;
}

/** The metric of the plane: d₁·d₁, d₁·d₂, d₂·d₂. */
export type Gram = readonly [number, number, number];

/** A point or a direction of the plane: (α, β). */
export type Vector = readonly [number, number];

/** ((lowest α, highest α), (lowest β, highest β)). */
export type Window = readonly [Vector, Vector];

export function terrainOf(valley: Valley): Terrain {
  const [alpha, beta] = valley.axes.map((axis) => numbers(axis.values));
  const gram = numbers(valley.gram);
  const plane = beta !== undefined;
  return {
    alpha: alpha ?? new Float64Array(1),
    beta: beta ?? new Float64Array(1),
    values: numbers(valley.values),
    errors: valley.errors && numbers(valley.errors),
    slopes: numbers(valley.slopes),
    gram: plane ? [at(gram, 0), at(gram, 1), at(gram, 3)] : [at(gram, 0), 0, 1],
  };
}

export function windowOf({ alpha, beta }: Terrain): Window {
  return [
    [at(alpha, 0), at(alpha, alpha.length - 1)],
    [at(beta, 0), at(beta, beta.length - 1)],
  ];
}

/** The place of a coordinate among those of an axis, a fraction between two; NaN outside of it. */
export function placeOn(axis: Float64Array, coordinate: number): number {
  const last = axis.length - 1;
  if (!(coordinate >= at(axis, 0) && coordinate <= at(axis, last))) return NaN;
  const i = Math.min(lastAtMost(axis, coordinate), last - 1);
  return i + (coordinate - at(axis, i)) / (at(axis, i + 1) - at(axis, i));
}

/** The coordinate at a place of an axis: the inverse of `placeOn`. */
export function coordinateAt(axis: Float64Array, place: number): number {
  const i = Math.min(Math.max(0, Math.floor(place)), axis.length - 2);
  return at(axis, i) + (place - i) * (at(axis, i + 1) - at(axis, i));
}

/** The value at (α, β), bilinear between grid points; NaN outside and beside what is not finite. */
export function valueAt(terrain: Terrain, [alpha, beta]: Vector): number {
  return between(terrain.values, terrain, [alpha, beta]);
}

/** The point of the grid nearest to (α, β), and the value there; NaN outside of the window. */
export function known(terrain: Terrain, [alpha, beta]: Vector): { point: Vector; value: number } {
  const [i, j] = [
    Math.round(placeOn(terrain.alpha, alpha)),
    terrain.beta.length > 1 ? Math.round(placeOn(terrain.beta, beta)) : 0,
  ];
  return {
    point: [at(terrain.alpha, i), at(terrain.beta, j)],
    value: at(terrain.values, i * terrain.beta.length + j),
  };
}

/** ∂f/∂α and ∂f/∂β at (α, β), bilinear between grid points. */
export function slopeAt(terrain: Terrain, point: Vector): Vector {
  return [
    between(terrain.slopes, terrain, point, 2, 0),
    between(terrain.slopes, terrain, point, 2, 1),
  ];
}

/** Something known at every grid point, `parts` numbers each, at another point of the plane. */
export function between(
  table: Float64Array,
  { alpha, beta }: Pick<Terrain, 'alpha' | 'beta'>,
  point: Vector,
  parts = 1,
  part = 0,
): number {
  const [u, v] = [placeOn(alpha, point[0]), placeOn(beta, point[1])];
  if (Number.isNaN(u) || Number.isNaN(v)) return NaN;
  const i = Math.min(Math.floor(u), alpha.length - 2);
  const j = Math.min(Math.floor(v), beta.length - 2);
  let sum = 0;
  for (const [a, b] of CORNERS) {
    const weight = (a ? u - i : 1 - u + i) * (b ? v - j : 1 - v + j);
    // A corner without weight does not count, not even if it is NaN.
    if (weight > 0) sum += weight * at(table, ((i + a) * beta.length + j + b) * parts + part);
  }
  return sum;
}

const CORNERS = [[0, 0], [1, 0], [0, 1], [1, 1]] as const; // prettier-ignore

/** Whether the square of the grid above and to the right of a point lacks a finite corner. */
export function isHole(
  { values, beta }: Pick<Terrain, 'values' | 'beta'>,
  i: number,
  j: number,
): boolean {
  return CORNERS.some(([a, b]) => !Number.isFinite(at(values, (i + a) * beta.length + j + b)));
}

/** The height of the window divided by its width, by the plane's own measure of length. */
export function shapeOf(terrain: Terrain): number {
  const shape = trueShape(terrain);
  // A window much longer than wide would be a mere strip: it is not drawn true to scale.
  return isNoStrip(shape) ? shape : 0.8;
}

/** Whether angles on the map look as they are: one scale, and axes at a right angle. */
export function isTrueToScale(terrain: Terrain): boolean {
  const [g11, g12, g22] = terrain.gram;
  return isNoStrip(trueShape(terrain)) && Math.abs(g12) < ASKEW * Math.sqrt(g11 * g22);
}

const TRUE_TO_SCALE = 2.6;
const ASKEW = 0.02; // the cosine between the axes, of which an eye sees nothing

function trueShape(terrain: Terrain): number {
  const [[left, right], [low, high]] = windowOf(terrain);
  const [g11, , g22] = terrain.gram;
  return ((high - low) * Math.sqrt(g22)) / ((right - left) * Math.sqrt(g11));
}

function isNoStrip(shape: number): boolean {
  return shape >= 1 / TRUE_TO_SCALE && shape <= TRUE_TO_SCALE;
}

export function at(values: ArrayLike<number>, i: number): number {
  return values[i] ?? NaN;
}
