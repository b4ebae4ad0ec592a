import { describe, expect, it } from 'vitest';
import {
  domainOf,
  linearScale,
  logScale,
  logTicks,
  nearest,
  quantile,
  roundNumbers,
} from '../src/charts/scales';

describe('ticks of a logarithmic axis', () => {
  it('are the powers of ten where there are enough', () => {
    expect(logTicks([0.004, 30], 8)).toEqual([0.01, 0.1, 1, 10]);
  });

  it('leave powers out where there is no room for all', () => {
    expect(logTicks([1e-12, 1], 5)).toEqual([1e-12, 1e-9, 1e-6, 1e-3, 1]);
  });

  it('are 1, 2 and 5 times them within two decades', () => {
    expect(logTicks([0.9, 60], 8)).toEqual([1, 2, 5, 10, 20, 50]);
  });

  it('are round numbers within a fraction of a decade', () => {
    expect(logTicks([0.41, 0.49], 4)).toEqual([0.42, 0.44, 0.46, 0.48]);
  });
});

describe('scales', () => {
  it('have the mean halfway on an even one, the geometric mean on a logarithmic one', () => {
    expect(linearScale([10, 30], [200, 0], 4).at(20)).toBe(100);
    expect(logScale([1, 100], [0, 50], 4).at(10)).toBeCloseTo(25);
    expect(logScale([1, 100], [0, 50], 4).invert(25)).toBeCloseTo(10);
  });

  it('span the finite values, with room', () => {
    expect(domainOf([1, NaN, 3, Infinity], false, 0.1)).toEqual([0.8, 3.2]);
    const [low, high] = domainOf([-5, 0, 1, 100], true, 0.5);
    expect(low).toBeCloseTo(0.1);
    expect(high).toBeCloseTo(1000);
  });

  it('stand where nothing is finite, or everything the same', () => {
    expect(domainOf([NaN], false)).toEqual([0, 1]);
    expect(domainOf([NaN, 0, -1], true)).toEqual([0.1, 1]);
    expect(domainOf([4, 4], false)).toEqual([2, 6]);
    expect(domainOf([4, 4], true)).toEqual([2, 8]);
    expect(domainOf([0, 0], false)).toEqual([-0.04, 1]);
  });
});

describe('values', () => {
  it('of a share lie in their order', () => {
    expect(quantile([5, 1, NaN, 3, 2, 4], 0.5)).toBe(3);
    expect(quantile([5, 1, 3], 1)).toBe(5);
    expect(quantile([NaN], 0.5)).toBeNaN();
  });

  it('have a nearest', () => {
    expect(nearest([100, 150, 400], 130)).toBe(1);
    expect(nearest([100, 150, 400], 9999)).toBe(2);
    expect(nearest([100, 150, 400], -1)).toBe(0);
  });
});

describe('round numbers along an axis', () => {
  const texts = (domain: [number, number], most: number, pixels: number) =>
    roundNumbers(domain, most, pixels).map(({ text }) => text);

  it('are as many as are asked for where there is room', () => {
    expect(texts([0, 1], 5, 1000)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
  });

  it('are fewer where their texts would touch', () => {
    expect(texts([0, 4e12], 8, 300)).toEqual(['0', '10¹²', '2×10¹²', '3×10¹²', '4×10¹²']);
    expect(texts([0, 4e12], 8, 200)).toEqual(['0', '2×10¹²', '4×10¹²']);
  });

  it('are told apart though they differ in late digits only', () => {
    const found = texts([1e12, 1e12 + 4], 4, 1000);
    expect(new Set(found).size).toBe(found.length);
  });
});
