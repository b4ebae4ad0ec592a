import { describe, expect, it } from 'vitest';
import { heightsOf } from '../src/valley/heights';
import { frameOf, type Eye } from '../src/valley/frame';
import { clearest, isHidden, met } from '../src/valley/look';
import {
  contourPieces, draped, dropLines, inSpace, onPlane, positions, riseAt, surfaceOf, type Point,
} from '../src/valley/mesh'; // prettier-ignore
import { colours } from '../src/valley/shading';
import { triangles } from '../src/valley/facets';
import { levelsOf } from '../src/valley/rings';
import { terrain, track } from './valley-make';

const axis = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));
const ramp = terrain(axis(100, 104, 9), axis(-2, 2, 9), (a) => a - 100);
const slope = surfaceOf(ramp, heightsOf(ramp.values, [], false));
const H = slope.box.y;

describe('the surface in space', () => {
  it('has α to the right, β away from the viewer and the value upwards', () => {
    expect(inSpace(slope, [100, -2], 0)).toEqual([-1, 0, 1]);
    expect(inSpace(slope, [104, 2], 1)).toEqual([1, H, -1]);
    expect(onPlane(slope, [0.5, 0, -0.5])).toEqual([103, 1]);
    expect(riseAt(slope, [101, 0.3])).toBeCloseTo(0.25, 12);
  });
  it('has three numbers for each point, two triangles for each square', () => {
    expect(Array.from(positions(slope).slice(-3))).toEqual([1, Math.fround(H), -1]);
    expect(triangles(slope)).toHaveLength(8 * 8 * 2 * 3);
    expect(colours(slope, 'light')).toHaveLength(81 * 3);
  });
  it('leaves out every square with a corner that is not finite', () => {
    const holed = terrain(axis(0, 4, 5), axis(0, 4, 5), (a, b) => (a === 2 && b === 2 ? NaN : a));
    expect(triangles(surfaceOf(holed, heightsOf(holed.values, [], false)))).toHaveLength(
      (16 - 4) * 6,
    );
    expect(
      positions(surfaceOf(holed, heightsOf(holed.values, [], false))).every(Number.isFinite),
    ).toBe(true);
  });
  it('turns all of its triangles the same way, upwards', () => {
    const points = positions(slope);
    const [a = 0, b = 0, c = 0] = triangles(slope);
    const part = (k: number, i: number): number => points[3 * k + i] ?? NaN;
    const [ux, uz] = [part(b, 0) - part(a, 0), part(b, 2) - part(a, 2)];
    const [vx, vz] = [part(c, 0) - part(a, 0), part(c, 2) - part(a, 2)];
    expect(uz * vx - ux * vz).toBeGreaterThan(0);
  });
  it('has contour lines at their height', () => {
    const pieces = contourPieces(slope, levelsOf(ramp, [1], slope.heights));
    expect(pieces.length).toBeGreaterThan(0);
    pieces.forEach((value, k) => {
      if (k % 3 === 0) expect(value).toBeCloseTo(-0.5, 6);
      if (k % 3 === 1) expect(value).toBeCloseTo(H / 4, 6);
    });
  });
});

describe('a path in space', () => {
  it('is at its true loss at its points, and between them as far above the surface in proportion', () => {
    const path = track([[100, 0], [102, 0]], [2, 2], [0, 2]); // prettier-ignore
    const [line] = draped(slope, path, path.values);
    expect(line?.[0]?.[1]).toBeCloseTo(H / 2, 12);
    expect(line?.at(-1)?.[1]).toBeCloseTo(H / 2, 12);
    expect(line?.length).toBeGreaterThan(20);
    for (const [, y] of line ?? []) expect(y).toBeCloseTo(H / 2, 9); // 2 − α above a slope of α
  });
  it('lies on the surface where its loss is the surface’s', () => {
    const [line] = draped(slope, track([[100, 0], [104, 1]]), [0, 4]); // prettier-ignore
    for (const [x, y] of line ?? []) expect(y).toBeCloseTo((H * (x + 1)) / 2, 9);
  });
  it('is cut at the edge and left out where its loss is not finite', () => {
    const [line] = draped(slope, track([[103, 0], [106, 0]]), [3, 4]); // prettier-ignore
    expect(line?.at(-1)?.[0]).toBeCloseTo(1, 9);
    expect(draped(slope, track([[101, 0], [102, 0]]), [NaN, Infinity])).toEqual([]); // prettier-ignore
  });
  it('lies on the surface as far as the border where a step leads far out of it', () => {
    const wild = track([[101, 0], [1e6, 0], [-1e6, 0], [102, 0]], [1, 1e6, Infinity, 2], [1, 1e6, NaN, 2]); // prettier-ignore
    const parts = draped(slope, wild, wild.values);
    expect(parts.map((part) => [part[0]?.[0], part.at(-1)?.[0]])).toEqual([[-0.5, 1], [1, -1], [-1, 0]]); // prettier-ignore
    for (const [x, y] of parts.flat()) expect(y).toBeCloseTo((H * (x + 1)) / 2, 9);
  });
  it('has drop lines where it is seen to be off the surface', () => {
    expect(dropLines(slope, track([[101, 0], [102, 0], [103, 0]], [2, 2, 3.001], [1, 2, 3]))).toHaveLength(6); // prettier-ignore
  });
});

describe('lines of sight', () => {
  const [ridge] = [
    terrain(axis(-1, 1, 41), axis(-1, 1, 41), (_, b) => Math.max(0, 1 - 8 * Math.abs(b))),
  ];
  const hill = surfaceOf(ridge, heightsOf(ridge.values, [], false));
  const front: Point = [0, 0.3, 5];

  it('meet the surface where it is', () => {
    const found = met(slope, [0, 5, 0], [0, -1, 0]);
    expect(found?.[0]).toBeCloseTo(102, 4);
    expect(found?.[1]).toBeCloseTo(0, 9);
    const length = Math.hypot(0.5, 4.5);
    const slanted = met(slope, [0.5 + 0.5, H * 0.75 + 4.5, 0], [-0.5 / length, -4.5 / length, 0]);
    expect(slanted?.[0]).toBeCloseTo(103, 3);
  });
  it('that go elsewhere meet nothing', () => {
    expect(met(slope, [0, 5, 0], [0, 1, 0])).toBeNull();
    expect(met(slope, [9, 5, 0], [0, -1, 0])).toBeNull();
  });
  it('end at a hill', () => {
    expect(isHidden(hill, front, inSpace(hill, [0, 0.7], 0))).toBe(true);
    expect(isHidden(hill, front, inSpace(hill, [0, -0.7], 0))).toBe(false);
    expect(isHidden(hill, [0, 9, 0.5], inSpace(hill, [0, 0.7], 0))).toBe(false);
  });
  it('choose the side from which most of a path is seen', () => {
    const behind = axis(-0.8, 0.8, 9).map((a) => inSpace(hill, [a, 0.5], 0));
    const before = axis(-0.8, 0.8, 9).map((a) => inSpace(hill, [a, -0.5], 0));
    expect(Math.cos(clearest(hill, before).azimuth)).toBeGreaterThan(0);
    expect(Math.cos(clearest(hill, behind).azimuth)).toBeLessThan(0);
  });
});

describe('the axes over the picture', () => {
  // Seen from the front, right and above, without perspective.
  const eye: Eye = {
    place: [2, 2, 4],
    project: ([x, y, z]) => [200 + 100 * x - 40 * z, 200 - 100 * y + 50 * z + 20 * x],
    size: [400, 400],
  };
  const ticks = [0, 0.5, 1].map((share) => ({ share, text: String(share) }));
  const names = { alpha: 'first', beta: 'second', height: 'Loss' };
  const frame = frameOf(
    slope.box,
    { ticks: { alpha: ticks, beta: ticks, height: ticks }, names },
    eye,
  );

  it('have three lines and a tick for each number', () => {
    expect(frame.lines).toHaveLength(3 + 9);
  });
  it('lie in front, and at the left', () => {
    expect(frame.lines[0]?.[0]).toEqual(eye.project([-1, 0, 1]));
    expect(frame.lines[4]?.[0]).toEqual(eye.project([1, 0, 1]));
    expect(frame.lines[8]?.[1]).toEqual(eye.project([-1, H, 1]));
  });
  it('have names, and texts that do not lie over each other', () => {
    const texts = frame.texts.map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual(['first', 'second', 'Loss']);
    const crowded = axis(0, 1, 60).map((share) => ({ share, text: '1,000,000' }));
    const few = frameOf(slope.box, { ticks: { alpha: crowded, beta: [], height: [] }, names }, eye);
    expect(few.texts.length).toBeLessThan(12);
  });
});
