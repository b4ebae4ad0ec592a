import { describe, expect, it } from 'vitest';
import { textWidth } from '../src/charts/labels';
import { css, heightColour, parsed, trailColour, trailWidth } from '../src/lib/colours';
import { across, isWide, lineOf, upright } from '../src/valley/chart';
import { heightsOf } from '../src/valley/heights';
import { apart, overlap, placeLabels } from '../src/valley/labels';
import { axisMarks, bands, heightMarks, layoutOf, toPixels } from '../src/valley/layout';
import type { Vector } from '../src/valley/terrain';

describe('colours', () => {
  it('go from pale to blue', () => {
    expect(css(heightColour(0, 'light'))).toBe('rgb(251 252 244)');
    expect(css(heightColour(1, 'light'))).toBe('rgb(138 168 198)');
    expect(heightColour(2, 'light')).toEqual(heightColour(1, 'light'));
    expect(parsed('#ff8000')).toEqual([255, 128, 0]);
  });
  it('of paths contrast with every height at 3 : 1 at least', () => {
    const luminance = (colour: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = colour.map((part) =>
        part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a: number, b: number): number =>
      (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    for (const theme of ['light', 'dark'] as const) {
      for (let k = 0; k < 7; k++) {
        const path = luminance(parsed(trailColour(k, theme)));
        expect(contrast(path, luminance(heightColour(0, theme)))).toBeGreaterThan(3);
        expect(contrast(path, luminance(heightColour(0.7, theme)))).toBeGreaterThan(1.9);
      }
    }
  });
  it('return after seven paths, each thinner than the one before', () => {
    expect(trailColour(7, 'dark')).toBe(trailColour(0, 'dark'));
    expect([trailWidth(0, 3), trailWidth(1, 3), trailWidth(2, 3)]).toEqual([3.4, 2.4, 1.4]);
  });
});

describe('the map', () => {
  const window = [[10, 20], [-5, 5]] as const; // prettier-ignore
  const scale = toPixels(window, [200, 100]);
  it('has its lowest β at the bottom', () => {
    expect([scale.pixel([10, -5]), scale.pixel([20, 5]), scale.pixel([15, 0])]).toEqual([[0, 100], [200, 0], [100, 50]]); // prettier-ignore
    expect(scale.point([50, 25])).toEqual([12.5, 2.5]);
  });
  it('fits into its width, true to scale', () => {
    for (const width of [366, 600, 800]) {
      const layout = layoutOf(width, 0.5, 640, 40, 40);
      expect(layout.plot[1] / layout.plot[0]).toBeCloseTo(0.5, 12);
      expect(layout.bar + 14 + 40).toBeLessThanOrEqual(width);
      expect(layout.left).toBeGreaterThanOrEqual(40);
    }
  });
  it('has round numbers on its axes', () => {
    expect(axisMarks([-1, 1], 4)).toEqual([
      { share: 0, text: '−1' },
      { share: 0.25, text: '−0.5' },
      { share: 0.5, text: '0' },
      { share: 0.75, text: '0.5' },
      { share: 1, text: '1' },
    ]);
  });
  it('has a colour bar without gaps', () => {
    const heights = heightsOf(new Float64Array([0, 10]), [], false);
    expect(bands(heights, [2, 5])).toEqual([{ from: 0, to: 0.2 }, { from: 0.2, to: 0.5 }, { from: 0.5, to: 1 }]); // prettier-ignore
    expect(heightMarks(heights, 7).map(({ text }) => text)).toEqual(['2', '4', '6', '8']);
  });
});

describe('texts', () => {
  it('are as wide as their letters, Japanese ones twice', () => {
    expect(textWidth('損失', 10)).toBe(20);
    expect(textWidth('node', 10)).toBeCloseTo(25.6, 9);
  });
  it('lie over each other or do not', () => {
    expect(overlap([0, 0, 10, 10], [9, 9, 20, 20])).toBe(true);
    expect(overlap([0, 0, 10, 10], [13, 0, 20, 10])).toBe(false);
    expect(apart([0, 5, 11, 12, 30], (x) => x, 10)).toEqual([0, 11, 30]);
  });
  it('stand on their contour, off the edge, the path and each other', () => {
    const ring = (radius: number): Vector[] =>
      Array.from({ length: 120 }, (_, k) => [
        150 + radius * Math.cos(k / 19),
        150 + radius * Math.sin(k / 19),
      ]);
    const levels = [40, 80, 120].map((radius) => ({ text: String(radius), rings: [ring(radius)] }));
    const path: Vector[] = Array.from({ length: 30 }, (_, k) => [150, 10 * k]);
    const found = placeLabels(levels, [300, 300], path);
    expect(found.map(({ text }) => text)).toEqual(['40', '80', '120']);
    for (const { x, y, text } of found) {
      expect(Math.hypot(x - 150, y - 150)).toBeCloseTo(Number(text), 9);
      expect(Math.min(x, y, 300 - x, 300 - y)).toBeGreaterThan(10);
      expect(Math.abs(x - 150)).toBeGreaterThan(14);
    }
  });
  it('are left out on rings too small for them', () => {
    const dot: Vector[] = [[50, 50], [52, 50], [52, 52]]; // prettier-ignore
    expect(placeLabels([{ text: '0.001', rings: [dot] }], [100, 100], [])).toEqual([]);
  });
});

describe('a chart', () => {
  it('starts at 0 where that is near, and at the least value elsewhere', () => {
    expect(upright([0.1, 10], 100, false)(0)).toBe(100);
    expect(upright([90, 100], 100, false)(90)).toBeCloseTo(100 - (100 * 0.4) / 10.8, 9);
  });
  it('has a decade where values span it', () => {
    expect([isWide([0.1, 10]), isWide([1, 10]), isWide([0, 10])]).toEqual([true, false, false]);
    const scale = upright([0.01, 100], 300, true);
    expect(scale(1)).toBeCloseTo(150, 9);
    expect(scale.marks.map(({ text }) => text)).toContain('1');
  });
  it('breaks its lines at NaN and Inf', () => {
    expect(lineOf([0, 1, 2, 3, 4], [0, 1, NaN, 3, 4])).toBe('M0,0L1,1M3,3L4,4');
    expect(lineOf([0, 1], [NaN, Infinity])).toBe('');
  });
  it('has marks with room for each along the bottom', () => {
    const { marks } = across(0, 100_000, 300);
    for (let k = 1; k < marks.length; k++) {
      expect((marks[k]?.at ?? 0) - (marks[k - 1]?.at ?? 0)).toBeGreaterThan(60);
    }
  });
});
