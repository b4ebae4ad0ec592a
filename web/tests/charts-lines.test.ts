import { describe, expect, it } from 'vitest';
import { areaBetween, brokenFrom, named, onLinear, onLog, pathOf, runs } from '../src/charts/lines';

const same = (value: number) => value;

describe('lines', () => {
  it('break where a value is missing, and show one by itself as a dot', () => {
    const ys = [1, 2, NaN, 4, Infinity, 6, 7];
    expect(runs(ys, onLinear)).toEqual([[0, 2], [3, 4], [5, 7]]); // prettier-ignore
    expect(pathOf([0, 1, 2, 3, 4, 5, 6], ys, same, same, onLinear)).toBe(
      'M0.0,1.0L1.0,2.0M3.0,4.0h0M5.0,6.0L6.0,7.0',
    );
  });

  it('break at zero and below on a logarithmic axis', () => {
    expect(runs([1, 0, 2, -1], onLog)).toEqual([[0, 1], [2, 3]]); // prettier-ignore
  });

  it('say why they break', () => {
    expect([NaN, Infinity, -Infinity, 0, -2].map(named)).toEqual(['NaN', '∞', '−∞', '0', '≤ 0']);
  });
});

describe('a run that diverged', () => {
  it('has nothing finite from a place on', () => {
    expect(brokenFrom([1, NaN, 3, Infinity, NaN])).toBe(3);
    expect(brokenFrom([NaN])).toBe(0);
  });

  it('is not one that is finite again', () => {
    expect([brokenFrom([1, NaN, 2]), brokenFrom([])]).toEqual([null, null]);
  });
});

describe('the area between two lines', () => {
  it('goes along one and back along the other, from an x on', () => {
    expect(areaBetween([10, 20, 30], [[1, 1, 2], [5, 6, 7]], 20, same, same, onLinear)).toBe(
      'M20.0,1.0L30.0,2.0L30.0,7.0L20.0,6.0Z',
    ); // prettier-ignore
  });

  it('leaves out where either is missing', () => {
    expect(areaBetween([1, 2], [[NaN, 1], [1, NaN]], 0, same, same, onLinear)).toBe(''); // prettier-ignore
  });
});
