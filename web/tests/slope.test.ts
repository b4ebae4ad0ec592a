import { describe, expect, it } from 'vitest';
import { calm, rangeOf, rateAt, shareOf } from '../src/play/descent/rates';
import { ofSlope, row, vectors } from '../src/play/descent/sight';
import type { Around, SlopeView } from '../src/play/messages';
import { placeAt, roundOf } from '../src/play/slope/circle';
import type { Numbers } from '../src/play/wire';

function numbers(shape: number[], ...values: number[]): Numbers {
  return { shape, data: Float64Array.from(values) };
}

describe('learning rates on a slider', () => {
  it('the bound lies inside of it, nearer to its end', () => {
    const range = rangeOf(0.5);
    expect(shareOf(0.5, range)).toBeGreaterThan(0.5);
    expect(shareOf(0.5, range)).toBeLessThan(1);
  });

  it('a place and a rate are each other’s inverse', () => {
    const range = rangeOf(0.02);
    for (const share of [0, 0.25, 0.5, 1]) {
      expect(shareOf(rateAt(share, range), range)).toBeCloseTo(share, 2);
    }
  });

  it('without a bound it is wide; rates beyond stand at its ends', () => {
    expect(rangeOf(null)).toEqual(rangeOf(Infinity));
    expect(shareOf(1e9, rangeOf(null))).toBe(1);
    expect(shareOf(0, rangeOf(null))).toBe(0);
  });

  it('the way out is below the bound', () => {
    expect(calm(1)).toBe(0.5);
    expect(calm(0.0149)).toBeLessThan(0.0149);
  });
});

describe('tables', () => {
  it('have rows, and vectors of one or two numbers', () => {
    expect(row(numbers([2, 3], 1, 2, 3, 4, 5, 6), 1)).toEqual([4, 5, 6]);
    expect(vectors(numbers([2, 2], 1, 2, 3, 4))).toEqual([[1, 2], [3, 4]]); // prettier-ignore
    expect(vectors(numbers([2, 1], 5, 6))).toEqual([[5, 0], [6, 0]]); // prettier-ignore
  });

  it('become a terrain, and paths with their own gradients', () => {
    const sight = ofSlope(
      {
        variables: ['x', 'y'],
        axes: [numbers([2], 0, 1), numbers([3], 0, 1, 2)],
        values: numbers([2, 3], 0, 1, 4, 1, 2, 5),
        slopes: numbers([2, 3, 2], ...Array<number>(12).fill(0)),
        paths: [
          {
            optimizer: 'sgd',
            points: numbers([2, 2], 1, 2, 0.8, 1.6),
            values: numbers([2], 5, 3.2),
            gradients: numbers([2, 2], 2, 4, 1.6, 3.2),
          },
        ],
      } as unknown as SlopeView,
      ['descent'],
    );
    expect(sight.terrain.beta).toHaveLength(3);
    expect(sight.tracks[0]?.name).toBe('descent');
    expect(Array.from(sight.tracks[0]?.iterations ?? [])).toEqual([0, 1]);
    expect(sight.tracks[0]?.gradients?.[0]).toEqual([2, 4]);
  });
});

describe('the circle of directions', () => {
  const around = {
    at: [3, 4],
    radius: 0.5,
    gradient: numbers([2], 6, 8),
    angles: numbers([5], 0, 90, 180, 270, 360),
    changes: numbers([5], 5.25, 0.25, -4.75, 0.25, 5.25),
  } as unknown as Around;

  it('begins in the direction of the gradient', () => {
    const [x, y] = placeAt(around, 0);
    expect(x).toBeCloseTo(3 + 0.5 * 0.6);
    expect(y).toBeCloseTo(4 + 0.5 * 0.8);
  });

  it('is cut into pieces that rise or fall', () => {
    const pieces = roundOf(around, (point) => point);
    expect(pieces.map(({ up }) => up)).toEqual([true, false, false, true]);
    expect(Math.max(...pieces.map(({ share }) => share))).toBeLessThanOrEqual(1);
  });
});
