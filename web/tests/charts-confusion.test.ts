import { describe, expect, it } from 'vitest';
import { cellsOf, isMistake, largest, strength } from '../src/charts/confusion';

const table = (...rows: number[][]) => ({
  data: Float64Array.from(rows.flat()),
  shape: [rows.length, rows.length],
});

describe('confusion', () => {
  const cells = cellsOf(table([8, 2, 0], [1, 9, 0], [0, 0, 0]));

  it('counts shares by true class, and none of a class without examples', () => {
    expect(cells[1]).toEqual({ truth: 0, taken: 1, count: 2, share: 0.2 });
    expect(cells[3]).toEqual({ truth: 1, taken: 0, count: 1, share: 0.1 });
    expect(cells[8]?.share).toBe(0);
    expect(cells.filter(isMistake)).toHaveLength(6);
  });

  it('begins with the largest mistake, of those that are shown', () => {
    expect(largest(cells)).toBe(cells[1]);
    expect(largest(cells, (cell) => cell.truth === 1)).toBe(cells[3]);
    expect(largest(cells, () => false)).toBe(cells[1]);
  });

  it('begins with what is right most often where nothing is wrong', () => {
    const right = cellsOf(table([3, 0], [0, 4]));
    expect(largest(right)).toBe(right[3]);
  });

  it('shades mistakes beside the largest, and what never happened not at all', () => {
    const [right, wrong, never] = [cells[0], cells[1], cells[2]] as const;
    expect(strength(right as never, 0.2)).toBe(0.8);
    expect(strength(wrong as never, 0.2)).toBe(1);
    expect(strength(never as never, 0.2)).toBe(0);
  });
});
