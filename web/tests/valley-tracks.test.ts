import { describe, expect, it } from 'vitest';
import type { Valley } from '../src/scene';
import {
  clipped,
  isInPlane,
  longestFirst,
  nearest,
  pointAt,
  tracksOf,
  type Track,
} from '../src/valley/tracks';
import { track } from './valley-make';
import type { Window } from '../src/valley/terrain';

const window: Window = [[10, 20], [-5, 5]]; // prettier-ignore

describe('a line in a window', () => {
  it('is kept whole inside', () => {
    const line = [[11, 0], [12, 1], [13, -4]]; // prettier-ignore
    expect(clipped(line, window)).toEqual([line]);
  });
  it('is cut at the edge, what else it carries too', () => {
    expect(clipped([[15, 0, 0], [25, 0, 1]], window)).toEqual([[[15, 0, 0], [20, 0, 0.5]]]); // prettier-ignore
  });
  it('comes in again as another part', () => {
    const line = [[19, 0], [21, 0], [21, 2], [19, 2]]; // prettier-ignore
    expect(clipped(line, window)).toEqual([[[19, 0], [20, 0]], [[20, 2], [19, 2]]]); // prettier-ignore
  });
  it('crosses it without a point inside', () => {
    expect(clipped([[0, 0], [40, 0]], window)).toEqual([[[10, 0], [20, 0]]]); // prettier-ignore
  });
  it('is nothing beside it', () => {
    expect(clipped([[0, 9], [40, 9]], window)).toEqual([]); // prettier-ignore
    expect(clipped([[0, 0], [9, 4]], window)).toEqual([]); // prettier-ignore
  });
  it('breaks where it is not finite', () => {
    const line = [[11, 0], [12, 0], [NaN, NaN], [13, 0], [14, 0]]; // prettier-ignore
    expect(clipped(line, window)).toEqual([[[11, 0], [12, 0]], [[13, 0], [14, 0]]]); // prettier-ignore
  });
});

describe('the ball', () => {
  const path = track([[0, 0], [1, 1], [2, 2]]); // prettier-ignore
  it('is at the last point with at most so many iterations', () => {
    expect([0, 9, 10, 19, 20, 1000].map((iteration) => pointAt(path, iteration))).toEqual([
      0, 0, 1, 1, 2, 2,
    ]);
  });
});

describe('the nearest point', () => {
  const tracks = [track([[0, 0], [10, 0]]), track([[0, 3]])]; // prettier-ignore
  const place = (t: number, k: number) => tracks[t]?.points[k] ?? ([NaN, NaN] as const);
  it('is found among all paths that are shown', () => {
    expect(nearest(tracks, () => true, place, [1, 2])).toEqual({ track: 1, point: 0 });
    expect(nearest(tracks, (t) => t === 0, place, [1, 2])).toEqual({ track: 0, point: 0 });
  });
  it('is none far away', () => {
    expect(nearest(tracks, () => true, place, [100, 100])).toBeNull();
  });
});

describe('tracks of a scene', () => {
  const packed = (shape: number[], ...values: number[]) => {
    const bytes = new Uint8Array(new Float64Array(values).buffer);
    return {
      type: 'f8' as const,
      shape,
      data: btoa(String.fromCharCode(...bytes)),
      scale: 1,
      offset: 0,
    };
  };
  const one = packed([2], 1, 2);
  const rest = {
    name: 'a',
    iterations: one,
    values: one,
    beneath: one,
    distances: packed([2], 0, 1e-12),
    share: 0.5,
  };
  const valley = (coordinates: ReturnType<typeof packed>) =>
    ({ trails: [{ ...rest, coordinates }] }) as unknown as Valley;

  it('have (α, β) in a plane and α along a line', () => {
    expect(tracksOf(valley(packed([2, 2], 1, 2, 3, 4)))[0]?.points).toEqual([[1, 2], [3, 4]]); // prettier-ignore
    expect(tracksOf(valley(packed([2, 1], 5, 6)))[0]?.points).toEqual([[5, 0], [6, 0]]); // prettier-ignore
  });
  it('lie in the plane but for rounding', () => {
    const [found] = tracksOf(valley(packed([2, 1], 5, 6)));
    expect(isInPlane(found as Track)).toBe(true);
    expect(isInPlane({ ...(found as Track), distances: new Float64Array([0, 0.1]) })).toBe(false);
    const beneath = (found as Track).values.map((value) => 1.01 * value + 0.01);
    expect(isInPlane({ ...(found as Track), beneath })).toBe(false);
  });
});

describe('paths over one another', () => {
  it('are drawn from the longest in the window to the shortest', () => {
    const short = track([[11, 0], [12, 0]]); // prettier-ignore
    const erratic = track([[11, 0], [12, 0], [11, 0], [12, 0]]); // prettier-ignore
    const away = track([[30, 0], [900, 0]]); // prettier-ignore
    expect(longestFirst([away, short, erratic], window)).toEqual([2, 1, 0]);
  });
});
