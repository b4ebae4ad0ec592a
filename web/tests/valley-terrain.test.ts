import { describe, expect, it } from 'vitest';
import { terrain } from './valley-make';
import {
  between, coordinateAt, isHole, isTrueToScale, known, placeOn, shapeOf, slopeAt, valueAt, windowOf, type Terrain,
} from '../src/valley/terrain'; // prettier-ignore

/** f = 2 α + 3 β − α β, which bilinear interpolation gives exactly, on uneven axes far from 0. */
const f = (a: number, b: number): number => 2 * a + 3 * b - a * b;
const bilinear = terrain([10, 11, 14], [-5, -3], f, (a, b) => [2 - b, 3 - a]);

describe('values between grid points', () => {
  it('are exact for a bilinear function', () => {
    expect(valueAt(bilinear, [12.5, -4.25])).toBeCloseTo(f(12.5, -4.25), 12);
    expect(slopeAt(bilinear, [12.5, -4.25])).toEqual([6.25, -9.5]);
  });
  it('are those of the grid at its points, its last ones too', () => {
    expect(valueAt(bilinear, [14, -3])).toBe(61);
    expect(valueAt(bilinear, [10, -5])).toBe(55);
  });
  it('are known for sure at the nearest point of the grid', () => {
    expect(known(bilinear, [12.4, -4.25])).toEqual({ point: [11, -5], value: 62 });
    expect(known(bilinear, [12.6, -3.9])).toEqual({ point: [14, -3], value: 61 });
    expect(known(bilinear, [9.9, -4]).value).toBeNaN();
    const line = terrain([0, 1, 3], [0], (a) => a * a, (a) => [2 * a, 0]); // prettier-ignore
    expect(known(line, [2.2, 0])).toEqual({ point: [3, 0], value: 9 });
  });
  it('are not known outside', () => {
    expect(valueAt(bilinear, [9.99, -4])).toBeNaN();
    expect(valueAt(bilinear, [12, -2.99])).toBeNaN();
    expect(valueAt(bilinear, [NaN, -4])).toBeNaN();
  });
  it('are not known beside NaN, but are at the finite points themselves', () => {
    const holed = terrain([0, 1, 2], [0, 1], (a, b) => (a === 2 ? NaN : a + b));
    expect(valueAt(holed, [1.5, 0.5])).toBeNaN();
    expect(valueAt(holed, [1, 0.5])).toBe(1.5);
    expect([isHole(holed, 0, 0), isHole(holed, 1, 0)]).toEqual([false, true]);
  });
  it('take an infinite corner as a hole too', () => {
    expect(
      isHole(
        terrain([0, 1], [0, 1], (a) => (a ? Infinity : 0)),
        0,
        0,
      ),
    ).toBe(true);
  });
  it('are read part by part', () => {
    const table = new Float64Array([0, 100, 1, 101, 2, 102, 3, 103]);
    const axes = { alpha: new Float64Array([0, 1]), beta: new Float64Array([0, 1]) };
    expect(between(table, axes, [0.5, 0.5], 2, 0)).toBe(1.5);
    expect(between(table, axes, [0.5, 0.5], 2, 1)).toBe(101.5);
  });
});

describe('places on an axis', () => {
  const axis = new Float64Array([10, 11, 14]);
  it('lie between its points', () => {
    expect([10, 10.5, 11, 12.5, 14].map((a) => placeOn(axis, a))).toEqual([0, 0.5, 1, 1.5, 2]);
  });
  it('are undone, outside too', () => {
    expect([0, 0.5, 1.5, 2].map((u) => coordinateAt(axis, u))).toEqual([10, 10.5, 12.5, 14]);
    expect(coordinateAt(axis, -0.5)).toBe(9.5);
    expect(coordinateAt(axis, 2.5)).toBe(15.5);
  });
});

describe('the window', () => {
  it('reaches from the first to the last point', () => {
    expect(windowOf(bilinear)).toEqual([[10, 14], [-5, -3]]); // prettier-ignore
  });
  const flat = (gram: Terrain['gram']): Terrain =>
    terrain([0, 4], [0, 2], () => 0, undefined, gram);
  it('is measured by the metric of the plane', () => {
    expect(shapeOf(flat([1, 0, 1]))).toBe(0.5);
    expect(shapeOf(flat([1, 0, 9]))).toBe(1.5); // d₂ is three times as long as d₁
  });
  it('is not drawn true to scale where that would be a strip', () => {
    expect(shapeOf(terrain([0, 100], [0, 1], () => 0))).toBe(0.8);
    expect(isTrueToScale(terrain([0, 100], [0, 1], () => 0))).toBe(false);
    expect(isTrueToScale(flat([1, 0, 9]))).toBe(true);
    expect(isTrueToScale(flat([1, 0.5, 1]))).toBe(false); // the axes are 60° apart
  });
});
