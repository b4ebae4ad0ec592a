/** Terrains and paths for tests, of formulas. */

import type { Terrain } from '../src/valley/terrain';
import type { Track } from '../src/valley/tracks';

export function terrain(
  alpha: number[],
  beta: number[],
  value: (a: number, b: number) => number,
  slope: (a: number, b: number) => [number, number] = () => [0, 0],
  gram: Terrain['gram'] = [1, 0, 1],
): Terrain {
  return {
    alpha: new Float64Array(alpha),
    beta: new Float64Array(beta),
    values: new Float64Array(alpha.flatMap((a) => beta.map((b) => value(a, b)))),
    errors: null,
    slopes: new Float64Array(alpha.flatMap((a) => beta.flatMap((b) => slope(a, b)))),
    gram,
  };
}

export function track(points: [number, number][], values: number[] = [], beneath = values): Track {
  return {
    name: '',
    points,
    iterations: new Float64Array(points.map((_, k) => 10 * k)),
    values: new Float64Array(values),
    beneath: new Float64Array(beneath),
    distances: new Float64Array(points.length),
    share: 1,
  };
}
