/** Directions in a plane whose own directions may be long, short or askew: its metric G measures them. */

import { at, slopeAt, type Gram, type Terrain, type Vector } from './terrain';

/** The steepest way down: −G⁻¹ ∇f. */
export function steepest([a, b]: Vector, [g11, g12, g22]: Gram): Vector {
  const determinant = g11 * g22 - g12 * g12;
  return [-(g22 * a - g12 * b) / determinant, -(g11 * b - g12 * a) / determinant];
}

/** The way along the contour: no change of f. */
export function tangent([a, b]: Vector): Vector {
  return [-b, a];
}

/** d₁ᵀ G d₂. */
function inner(one: Vector, other: Vector, [g11, g12, g22]: Gram): number {
  return (
    g11 * one[0] * other[0] +
    g12 * (one[0] * other[1] + one[1] * other[0]) +
    g22 * one[1] * other[1]
  );
}

export function length(direction: Vector, gram: Gram): number {
  return Math.sqrt(inner(direction, direction, gram));
}

/** The angle between two lines in degrees, 0 to 90; NaN where one leads nowhere. */
export function angle(one: Vector, other: Vector, gram: Gram): number {
  const cosine = Math.abs(inner(one, other, gram)) / (length(one, gram) * length(other, gram));
  return (180 / Math.PI) * Math.acos(Math.min(1, cosine));
}

export interface Arrow {
  readonly from: Vector;
  readonly direction: Vector;
  /** Its length as a share of the longest's: the cube root, so that gentle slopes show too. */
  readonly share: number;
}

/** Ways down at some of the grid points, at most so many along each axis. */
export function arrowsOf(terrain: Terrain, most = 17): Arrow[] {
  const { alpha, beta, slopes, gram } = terrain;
  const [rows, columns] = [some(alpha.length, most), some(beta.length, most)];
  const found = rows.flatMap((i) =>
    columns.map((j) => {
      const k = 2 * (i * beta.length + j);
      const direction = steepest([at(slopes, k), at(slopes, k + 1)], gram);
      const from: Vector = [at(alpha, i), at(beta, j)];
      return { from, direction, size: length(direction, gram) };
    }),
  );
  const known = found.filter(({ size }) => Number.isFinite(size) && size > 0);
  const longest = known.reduce((most, { size }) => Math.max(most, size), 0);
  return known.map(({ from, direction, size }) => ({
    from,
    direction,
    share: Math.cbrt(size / longest),
  }));
}

/** Whole numbers below `count`, evenly spaced, the first half a step from the edge. */
function some(count: number, most: number): number[] {
  const every = Math.ceil(count / most);
  const first = Math.floor(((count - 1) % every) / 2);
  return Array.from({ length: Math.ceil((count - first) / every) }, (_, k) => first + k * every);
}

export interface AtBall {
  readonly point: Vector;
  /** −∇f, the contour's direction, and the next step of the path, null at its end. */
  readonly down: Vector;
  readonly along: Vector;
  readonly step: Vector | null;
  /** In degrees: between −∇f and the contour, and between the next step and the contour. */
  readonly downAngle: number;
  readonly stepAngle: number;
}

/**
 * The slope where a path is after so many points, and the step that it takes from there.
 *
 * gradient: ∇f there, where it is known; else as the grid has it.
 */
export function slopeAtBall(
  terrain: Terrain,
  points: readonly Vector[],
  k: number,
  gradient?: Vector,
): AtBall | null {
  const [point, next] = [points[k], points[k + 1]];
  if (!point) return null;
  const slope = gradient ?? slopeAt(terrain, point);
  const [down, along] = [steepest(slope, terrain.gram), tangent(slope)];
  if (!(length(down, terrain.gram) > 0)) return null; // level, unknown, or outside of the grid
  const step: Vector | null = next ? [next[0] - point[0], next[1] - point[1]] : null;
  return {
    point,
    down,
    along,
    step,
    downAngle: angle(down, along, terrain.gram),
    stepAngle: step ? angle(step, along, terrain.gram) : NaN,
  };
}
