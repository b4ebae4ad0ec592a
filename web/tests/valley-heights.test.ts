import { describe, expect, it } from 'vitest';
import {
  heightOf,
  heightsOf,
  levels,
  logOffered,
  quantile,
  shadeOf,
  spansDecades,
} from '../src/valley/heights';

const numbers = (...values: number[]): Float64Array => new Float64Array(values);

describe('levels', () => {
  it('are round and evenly spaced', () => {
    expect(levels(-1.3, 10.2, false)).toEqual([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
  it('are 1, 2, 5, 10 … where heights are logarithmic', () => {
    expect(levels(0.04, 30, true)).toEqual([0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]);
  });
  it('are fewer for each decade where there are many', () => {
    expect(levels(1e-3, 1e3, true)).toEqual([0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]);
    expect(levels(0.9e-8, 1.1e2, true)).toEqual([
      1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100,
    ]); // prettier-ignore
    expect(levels(0.9e-20, 1.1, true)).toEqual([1e-20, 1e-18, 1e-16, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1]); // prettier-ignore
  });
  it('are even ones within less than a decade', () => {
    expect(levels(2.05, 2.45, true, 6)).toEqual([2.1, 2.2, 2.3, 2.4]);
  });
  it('are none between equal values or NaN', () => {
    expect([levels(3, 3, false), levels(NaN, NaN, false), levels(2, 2, true)]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe('heights', () => {
  it('are shares of the range', () => {
    const heights = heightsOf(numbers(10, 20, 30), [], false);
    expect([10, 15, 30].map((value) => heightOf(heights, value))).toEqual([0, 0.25, 1]);
  });
  it('are shares of its decades', () => {
    const heights = heightsOf(numbers(0.01, 0.1, 1, 10, 100), [], true);
    expect(heightOf(heights, 1)).toBeCloseTo(0.5, 12);
    expect(shadeOf(heights, 0.1)).toBeCloseTo(0.25, 12);
  });
  it('make room for a path above the surface, which keeps its own colours', () => {
    const heights = heightsOf(numbers(0, 10), [12, 3], false);
    expect([heights.bottom, heights.top]).toEqual([0, 12]);
    expect([heightOf(heights, 12), shadeOf(heights, 10)]).toEqual([1, 1]);
  });
  it('make room for half as much again, and cut a path that is beyond', () => {
    const heights = heightsOf(numbers(100, 200), [1e9, -1e9, NaN, Infinity], false);
    expect([heights.bottom, heights.top]).toEqual([50, 250]);
    expect([heightOf(heights, 1e9), heightOf(heights, -1e9)]).toEqual([1, 0]);
  });
  it('of NaN and Inf are not known', () => {
    const heights = heightsOf(numbers(1, 2), [], true);
    expect([NaN, Infinity, -Infinity].map((value) => heightOf(heights, value))).toEqual([
      NaN,
      NaN,
      NaN,
    ]);
  });
  it('by the logarithm do not follow a single 0 into the depth', () => {
    const values = Float64Array.from({ length: 1000 }, (_, k) => k); // 0, 1 … 999: a fiftieth is below 20
    const heights = heightsOf(values, [0], true);
    expect([heights.low, heights.bottom, heights.high]).toEqual([2, 2, 999]);
    expect(heightOf(heights, 0)).toBe(0);
  });
  it('are all alike on a plain', () => {
    expect(heightOf(heightsOf(numbers(7, 7), [], false), 7)).toBe(0);
  });
});

describe('logarithms', () => {
  it('are offered for positive values, and for a minimum that happens to be 0', () => {
    expect(logOffered(numbers(1, 2, NaN))).toBe(true);
    expect(logOffered(Float64Array.from({ length: 100 }, (_, k) => k))).toBe(true);
  });
  it('are not offered for negative values, many zeros, or nothing', () => {
    expect([numbers(-1, 2), numbers(0, 0, 0, 1), numbers(NaN), numbers()].map(logOffered)).toEqual([
      false, false, false, false,
    ]); // prettier-ignore
  });
  it('are taken where half of the values crowd in a fifth of the range', () => {
    expect(spansDecades(numbers(1, 2, 3, 4, 100))).toBe(true);
    expect(spansDecades(numbers(1, 2, 3, 4, 5))).toBe(false);
  });
});

it('quantiles are of the finite values', () => {
  expect(quantile(numbers(5, NaN, 1, 3, Infinity, 2, 4), 0.5)).toBe(3);
});
