import { describe, expect, it } from 'vitest';
import { heightsOf } from '../src/valley/heights';
import { holesOf, levelsOf, pathOf, piecesOf, pointsOf } from '../src/valley/rings';
import { coordinateAt } from '../src/valley/terrain';
import { terrain } from './valley-make';

const axis = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));

describe('contour lines', () => {
  const [cx, cy] = [7, -20];
  const bowl = terrain(
    axis(4, 10, 61),
    axis(-22, -18, 41),
    (a, b) => (a - cx) ** 2 + (b - cy) ** 2,
  );
  const linear = heightsOf(bowl.values, [], false);

  it('of a bowl are circles round its bottom, wherever that is', () => {
    const [level] = levelsOf(bowl, [2.25], linear);
    const points = pointsOf(bowl, level?.rings ?? []).flat();
    expect(points.length).toBeGreaterThan(60);
    for (const [u, v] of points) {
      const radius = Math.hypot(coordinateAt(bowl.alpha, u) - cx, coordinateAt(bowl.beta, v) - cy);
      expect(radius).toBeCloseTo(1.5, 2);
    }
  });
  it('lie in the middle of a decade at its square root of 10 where heights are logarithmic', () => {
    const steps = terrain([0, 1], [0, 1], (a) => 10 ** a);
    const [level] = levelsOf(steps, [Math.sqrt(10)], heightsOf(steps.values, [], true));
    const inside = pointsOf(steps, level?.rings ?? []).flat();
    expect(inside.length).toBeGreaterThan(0);
    for (const [u] of inside.filter(([u]) => u < 1)) expect(u).toBeCloseTo(0.5, 12);
  });
  it('end at the edge of the grid', () => {
    const [level] = levelsOf(bowl, [10], linear); // cut by all of its corners
    const pieces = piecesOf(bowl, level?.rings ?? []);
    for (const [u, v] of pieces.flat()) {
      expect(Math.min(u, v, 60 - u, 40 - v)).toBeGreaterThanOrEqual(0);
    }
    const values = pieces
      .flat()
      .map(
        ([u, v]) =>
          (coordinateAt(bowl.alpha, u) - cx) ** 2 + (coordinateAt(bowl.beta, v) - cy) ** 2,
      );
    expect(Math.min(...values)).toBeGreaterThan(9.9);
  });
  it('do not run along a hole', () => {
    const holed = terrain(axis(0, 4, 5), axis(0, 4, 5), (a, b) => (b < 2 ? NaN : a));
    const [level] = levelsOf(holed, [1.5], heightsOf(holed.values, [], false));
    const pieces = piecesOf(holed, level?.rings ?? []);
    expect(pieces.length).toBeGreaterThan(0);
    for (const [u] of pieces.flat()) expect(u).toBeCloseTo(1.5, 12);
  });
});

describe('paths of SVG', () => {
  it('close each ring', () => {
    expect(pathOf([[[0, 0], [1, 0], [1, 1.26]]], ([u, v]) => [10 * u, 10 * v])).toBe('M0,0L10,0L10,12.6Z'); // prettier-ignore
  });
  it('of holes take the squares of a row together', () => {
    const holed = terrain([0, 1, 2, 3], [0, 1], (a) => (a === 1 ? NaN : a));
    expect(holesOf(holed, ([u, v]) => [u, v])).toBe('M0,0L2,0L2,1L0,1Z');
    expect(
      holesOf(
        terrain([0, 1], [0, 1], () => 1),
        ([u, v]) => [u, v],
      ),
    ).toBe('');
  });
});
