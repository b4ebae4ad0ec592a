import { describe, expect, it } from 'vitest';
import { frameOf, spaced } from '../src/charts/frame';
import type { Content } from '../src/charts/parts';
import { linearScale } from '../src/charts/scales';

const content: Content = {
  lines: [
    { key: 'a', name: 'training', colour: 'red', xs: [0, 50, 100], ys: [2, 1, 0.5] },
    { key: 'b', name: 'test', colour: 'blue', xs: [0, 50, 100], ys: [2, 1.5, NaN] },
  ],
  log: false,
  most: Infinity,
  format: String,
  tick: String,
};

describe('a chart', () => {
  it('names the lines at their ends where there is room, else above', () => {
    const [wide, narrow] = [frameOf(content, 800, 300), frameOf(content, 360, 300)];
    expect(wide.ends).toEqual(['training 0.5', 'test NaN']);
    expect(wide.wide).toBe(true);
    expect(narrow.wide).toBe(false);
    expect(narrow.top).toBe(wide.top + 18);
    expect(narrow.bottom - narrow.top).toBe(300);
  });

  it('ends within its width', () => {
    for (const width of [200, 366, 560, 1900]) {
      const frame = frameOf(content, width, 300);
      expect(frame.x.at(100)).toBe(frame.right);
      expect(frame.right).toBeLessThan(width);
      expect(frame.left).toBeGreaterThan(0);
    }
  });

  it('has no room above what cannot be: an accuracy is at most 1', () => {
    expect(frameOf({ ...content, most: 2 }, 800, 300).yDomain[1]).toBe(2);
  });

  it('does not let one mini-batch far off press the lines together', () => {
    const ys = Array.from({ length: 1000 }, () => 1);
    ys[3] = 1e30;
    const dots = { xs: ys.map((_, i) => i), ys, colour: 'red' };
    expect(frameOf({ ...content, dots }, 800, 300).yDomain[1]).toBeLessThan(3);
  });
});

it('epochs are marked at round numbers that do not crowd', () => {
  const numbers = Array.from({ length: 31 }, (_, i) => i);
  const marks = { name: 'epoch', xs: numbers.map((i) => 29 * i), numbers };
  const found = spaced(marks, linearScale([0, 870], [0, 300], 5), 40);
  expect(found.map((mark) => mark.number)).toEqual([0, 5, 10, 15, 20, 25, 30]);
});
