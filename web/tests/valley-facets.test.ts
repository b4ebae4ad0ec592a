import { describe, expect, it } from 'vitest';
import { fallingCuts, triangles } from '../src/valley/facets';
import { heightsOf, slopeOfHeight } from '../src/valley/heights';
import { riseAt, surfaceOf } from '../src/valley/mesh';
import { terrain } from './valley-make';

const axis = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));

/** A trough with its floor along α − β = 0, or along α + β = 40: f = (α ∓ β − …)². */
const trough = (sign: 1 | -1) =>
  terrain(
    axis(18, 22, 5),
    axis(18, 22, 5),
    (a, b) => (a - sign * b - (sign < 0 ? 40 : 0)) ** 2,
    (a, b) => {
      const slope = 2 * (a - sign * b - (sign < 0 ? 40 : 0));
      return [slope, -sign * slope];
    },
  );

describe('squares of the grid are cut', () => {
  it('along a valley, whichever way it runs', () => {
    const [rising, falling] = [trough(1), trough(-1)];
    const cuts = (one: typeof rising) => [...fallingCuts(one, heightsOf(one.values, [], false))];
    expect(new Set(cuts(rising))).toEqual(new Set([0]));
    expect(new Set(cuts(falling))).toEqual(new Set([1]));
  });
  it('one way where no slope is known', () => {
    const flat = terrain([0, 1], [0, 1], (a) => a, () => [NaN, NaN]); // prettier-ignore
    expect([...fallingCuts(flat, heightsOf(flat.values, [], false))]).toEqual([0]);
  });
  it('into two triangles that cover it and face upwards, either way', () => {
    const square = terrain([0, 1], [0, 1], (a) => a);
    for (const cut of [0, 1]) {
      const found = triangles({ terrain: square, falling: new Uint8Array([cut]) });
      const area = (k: number): number => {
        const [p, q, r] = [0, 1, 2].map((n) => [(found[k + n] ?? 0) >> 1, (found[k + n] ?? 0) & 1]);
        const [[a = 0, b = 0], [c = 0, d = 0], [e = 0, f = 0]] = [p ?? [], q ?? [], r ?? []];
        return ((c - a) * (f - b) - (e - a) * (d - b)) / 2;
      };
      expect([area(0), area(3)]).toEqual([0.5, 0.5]);
    }
  });
});

describe('the height of the drawn surface', () => {
  it('is that of its triangles: the floor of a trough stays level along the cut', () => {
    const one = trough(-1);
    const surface = surfaceOf(one, heightsOf(one.values, [], false));
    for (const a of [18.1, 19.5, 20.25, 21.9]) expect(riseAt(surface, [a, 40 - a])).toBeCloseTo(0, 12); // prettier-ignore
    expect(riseAt(surface, [19, 19])).toBeCloseTo(4 / 16, 12);
  });
});

describe('the slope of a height', () => {
  it('is 1 over the range, and by the logarithm 1 / (f ln(top / bottom))', () => {
    const values = new Float64Array([1, 10, 100]);
    expect(slopeOfHeight(heightsOf(values, [], false), 50)).toBeCloseTo(1 / 99, 12);
    expect(slopeOfHeight(heightsOf(values, [], true), 10)).toBeCloseTo(1 / (10 * Math.log(100)), 12); // prettier-ignore
  });
  it('is 0 where heights are cut off, and unknown for what is not finite', () => {
    const heights = heightsOf(new Float64Array([1, 10, 100]), [], true);
    expect(slopeOfHeight(heights, 1000)).toBe(0);
    expect(slopeOfHeight(heights, NaN)).toBeNaN();
  });
});
