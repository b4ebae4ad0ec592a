/** Contour lines of a terrain, and the parts of it that are not finite. */

import { contours } from 'd3-contour';
import { measure, type Heights } from './heights';
import { at, isHole, type Terrain, type Vector } from './terrain';

/** The lines around all that is at least so high, in places of the grid: (0, 0) is its first point. */
export interface Level {
  readonly value: number;
  readonly rings: readonly (readonly Vector[])[];
}

/** A part of a drawing: from places of the grid to pixels. */
export type Place = (point: Vector) => Vector;

/** Contour lines at these values. They follow the logarithm where heights do. */
export function levelsOf(
  terrain: Terrain,
  values: readonly number[],
  { log, low }: Heights,
): Level[] {
  const [rows, columns] = [terrain.alpha.length, terrain.beta.length];
  const grid = new Array<number>(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = at(terrain.values, i * columns + j);
      grid[j * rows + i] = Number.isFinite(value)
        ? measure(log ? Math.max(value, low) : value, log)
        : NaN; // d3: x runs first
    }
  }
  const contour = contours().size([rows, columns]);
  return values.map((value) => ({
    value,
    rings: ringsOf(contour.contour(grid, measure(value, log))),
  }));
}

function ringsOf(found: { coordinates: number[][][][] }): Vector[][] {
  // In d3 the first point lies in the middle of a first pixel.
  return found.coordinates
    .flat()
    .map((ring) => ring.map(([u = 0, v = 0]) => [u - 0.5, v - 0.5] as const));
}

/** The rings as an SVG path; outside of the grid they run along its edge, half a square away. */
export function pathOf(rings: Level['rings'], place: Place): string {
  return rings.map((ring) => `M${ring.map((point) => rounded(place(point))).join('L')}Z`).join('');
}

/** The squares of the grid without four finite corners, as an SVG path, in rows. */
export function holesOf(terrain: Terrain, place: Place): string {
  const path: string[] = [];
  for (let j = 0; j < terrain.beta.length - 1; j++) {
    let begin = -1;
    for (let i = 0; i < terrain.alpha.length; i++) {
      const bad = i < terrain.alpha.length - 1 && isHole(terrain, i, j);
      if (bad && begin < 0) begin = i;
      if (!bad && begin >= 0) {
        const corners: Vector[] = [[begin, j], [i, j], [i, j + 1], [begin, j + 1]]; // prettier-ignore
        path.push(`M${corners.map((corner) => rounded(place(corner))).join('L')}Z`);
        begin = -1;
      }
    }
  }
  return path.join('');
}

/** The straight pieces of rings that lie on the surface: not along its edge, nor over a hole. */
export function piecesOf(terrain: Terrain, rings: Level['rings']): [Vector, Vector][] {
  const pieces: [Vector, Vector][] = [];
  for (const ring of rings) {
    for (let k = 1; k < ring.length; k++) {
      const [one, other] = [ring[k - 1] as Vector, ring[k] as Vector];
      if (isOnSurface(terrain, one, other)) pieces.push([one, other]);
    }
  }
  return pieces;
}

/** The points of rings that lie on the surface. */
export function pointsOf(terrain: Terrain, rings: Level['rings']): Vector[][] {
  return rings.map((ring) => ring.filter((point) => isOnSurface(terrain, point, point)));
}

function isOnSurface(terrain: Terrain, one: Vector, other: Vector): boolean {
  const [right, high] = [terrain.alpha.length - 1, terrain.beta.length - 1];
  const inside = [one, other].every(([u, v]) => u >= 0 && v >= 0 && u <= right && v <= high);
  if (!inside) return false;
  // Along a line of the grid there is a square on either side: around a hole one of them is a part of it.
  const [us, vs] = [sides((one[0] + other[0]) / 2, right), sides((one[1] + other[1]) / 2, high)];
  return us.every((i) => vs.every((j) => !isHole(terrain, i, j)));
}

/** The squares below and above a place, of which there are `count`; between grid points they are one. */
function sides(place: number, count: number): number[] {
  const found = [Math.ceil(place) - 1, Math.floor(place)];
  return found.filter((square) => square >= 0 && square < count);
}

function rounded([x, y]: Vector): string {
  return `${Math.round(10 * x) / 10},${Math.round(10 * y) / 10}`;
}
