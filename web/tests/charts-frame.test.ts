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

  it('has a 0 of its own beneath a logarithmic axis, if a line comes to it', () => {
    const lines = [{ key: 'a', name: '', colour: 'red', xs: [0, 1, 2], ys: [1, 0.01, 0] }];
    const frame = frameOf({ ...content, log: true, lines }, 800, 300);
    expect(frame.ticksY[0]).toEqual({ at: frame.bottom - 8, text: '0' });
    expect(frame.y.at(0)).toBe(frame.bottom - 8);
    expect(frame.y.at(0.01)).toBeLessThan(frame.breaks ?? NaN);
    expect([frame.drawable(0), frame.drawable(-1), frame.shows(0)]).toEqual([true, false, true]);
    const above = [{ ...lines[0], ys: [1, 0.01, 0.1] }] as typeof lines;
    expect(frameOf({ ...content, log: true, lines: above }, 800, 300).breaks).toBeNull();
  });

  it('tells neighbouring ticks apart, however few digits they were to have', () => {
    const lines = [{ key: 'a', name: '', colour: 'red', xs: [0, 1], ys: [0.1, 0.101] }];
    const tick = (value: number): string => value.toFixed(2);
    const texts = frameOf({ ...content, lines, tick }, 800, 300).ticksY.map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('has no row of names where its line has none', () => {
    const lines = [{ key: 'a', name: '', colour: 'red', xs: [0, 1], ys: [1, 2] }];
    expect(frameOf({ ...content, lines }, 360, 300).top).toBe(frameOf(content, 800, 300).top);
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
