import { describe, expect, it } from 'vitest';
import {
  heightFor,
  diagramOf,
  distance,
  placeOf,
  shownOf,
  unitsIn,
  type Column,
} from '../src/network/layout';
import { linkAt, linksOf, linksWith, pairsOf } from '../src/network/links';
import { pixelAt } from '../src/network/picture';
import { histogramPath } from '../src/network/histogram';
import type { NetworkView } from '../src/scene';

function network(sizes: number[], image: number[] | null = null): NetworkView {
  const [inputs = 0, ...units] = sizes;
  return { inputs, image_shape: image, layers: units.map((units) => ({ units })) } as never;
}

describe('a diagram', () => {
  it('shows all units of a small layer, in columns from left to right', () => {
    const { columns } = diagramOf(network([2, 3, 1]), 20, 220, 400);
    expect(columns.map((column) => column.x)).toEqual([20, 120, 220]);
    expect(columns.map((column) => column.units.length)).toEqual([2, 3, 1]);
    expect(columns.every((column) => column.left_out === 0)).toBe(true);
    // One output stands in the middle.
    expect(columns[2]?.units[0]?.y).toBe(200);
  });

  it('thins a large layer and says how many are left out', () => {
    const { columns, radius, height } = diagramOf(network([2, 100, 10]), 20, 220, 400);
    const [, middle] = columns as [Column, Column];
    expect(middle.left_out).toBe(76);
    expect(middle.units.map((unit) => unit.index).slice(11, 13)).toEqual([11, 88]);
    const ys = middle.units.map((unit) => unit.y);
    expect(Math.min(...ys) - radius).toBeGreaterThan(0);
    expect(Math.max(...ys) + radius).toBeLessThan(height);
    // Neither unit nor the dots for those left out lie over another.
    const all = [...ys, middle.gap].sort((a, b) => a - b);
    for (let i = 1; i < all.length; i++) {
      expect((all[i] ?? 0) - (all[i - 1] ?? 0)).toBeGreaterThan(2 * radius);
    }
  });

  it('has a picture for an image, whose pixels are places', () => {
    const { columns } = diagramOf(network([64, 5], [8, 8]), 0, 600, 400);
    const [input] = columns as [Column];
    expect(unitsIn(input)).toHaveLength(64);
    const first = placeOf(input, 0);
    const last = placeOf(input, 63);
    expect(first?.x).toBeLessThan(last?.x ?? 0);
    expect(first?.y).toBeLessThan(last?.y ?? 0);
    for (const unit of [0, 9, 63]) {
      const place = placeOf(input, unit);
      expect(pixelAt(input.picture, place?.x ?? 0, place?.y ?? 0)).toBe(unit);
    }
    expect(pixelAt(input.picture, -1, 200)).toBeNull();
  });

  it('has circles for a tiny image', () => {
    expect(diagramOf(network([4, 5], [2, 2]), 0, 600, 400).columns[0]?.units).toHaveLength(4);
  });
});

it('a small network needs less height', () => {
  expect(heightFor(network([2, 3, 1]), 540)).toBe(3 * 38 + 32);
  expect(heightFor(network([2, 40, 2]), 540)).toBe(540);
  expect(heightFor(network([64, 3], [8, 8]), 540)).toBe(260);
});

it('the first and the last units are shown', () => {
  expect(shownOf(3, 5)).toEqual([0, 1, 2]);
  expect(shownOf(100, 5)).toEqual([0, 1, 2, 98, 99]);
});

it('the distance from a line is that from its nearest point', () => {
  const [from, to] = [{ index: 0, x: 0, y: 0 }, { index: 1, x: 10, y: 0 }]; // prettier-ignore
  expect(distance(5, 3, from, to)).toBe(3);
  expect(distance(13, 4, from, to)).toBe(5);
  expect(distance(3, 4, from, from)).toBe(5);
});

describe('the lines of a diagram', () => {
  const { columns } = diagramOf(network([2, 3]), 0, 100, 200);
  const [below, above] = columns as [Column, Column];
  const pairs = pairsOf(below, above, 3);
  const now = { inputs: 2, units: 3, w: Float64Array.of(1, -2, 3, 4, 5, -6), b: new Float64Array(3), step: 0 }; // prettier-ignore

  it('are the weights between units, the weakest first', () => {
    const links = linksOf(pairs, now);
    expect(links.map((link) => link.w)).toEqual([1, -2, 3, 4, 5, -6]);
    expect(links[5]?.from.index).toBe(1);
    expect(links[5]?.to.index).toBe(2);
  });

  it('of a unit lead to it, or from it', () => {
    expect(linksWith(pairs, now, 1, false).map((link) => link.w)).toEqual([-2, 5]);
    expect(linksWith(pairs, now, 0, true).map((link) => link.w)).toEqual([1, -2, 3]);
    expect(linksWith(pairs, now, 7, false)).toEqual([]);
  });

  it('are found by a point near them', () => {
    const links = linksWith(pairs, now, 1, false);
    const { from, to } = links[0] as (typeof links)[number];
    const met = linkAt([[], links], (from.x + to.x) / 2, (from.y + to.y) / 2 + 1);
    expect(met).toEqual({ level: 2, link: links[0] });
    expect(linkAt([links], 0, -500)).toBeNull();
  });
});

it('a histogram is an outline around its bars', () => {
  expect(histogramPath([0, 1, 2], [0.5, 1], (x) => 10 * x, (y) => 100 - 100 * y)).toBe(
    'M0.0,100.0V50.0H10.0V0.0H20.0V100.0Z',
  ); // prettier-ignore
});
