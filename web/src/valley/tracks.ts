/** Paths beside the plane: where they are at a moment, and what of them lies in a window. */

import { lastAtMost, numbers, unpack } from '../lib/arrays';
import type { Valley } from '../scene';
import { at, type Vector, type Window } from './terrain';

export interface Track {
  readonly name: string;
  /** (α, β) of each point; β is 0 along a line. */
  readonly points: readonly Vector[];
  readonly iterations: Float64Array;
  /** The true loss at each point, the plane's value beneath it, and how far it is off the plane. */
  readonly values: Float64Array;
  readonly beneath: Float64Array;
  readonly distances: Float64Array;
  readonly share: number;
  /** ∇f at each point, where it is known better than the grid has it. */
  readonly gradients?: readonly Vector[];
}

export function tracksOf(valley: Valley): Track[] {
  return valley.trails.map((trail) => {
    const { data, shape } = unpack(trail.coordinates);
    const dimensions = shape[1] ?? 1;
    const count = shape[0] ?? 0;
    return {
      name: trail.name,
      points: Array.from({ length: count }, (_, k): Vector => [
        at(data, k * dimensions),
        dimensions > 1 ? at(data, k * dimensions + 1) : 0,
      ]),
      iterations: numbers(trail.iterations),
      values: numbers(trail.values),
      beneath: numbers(trail.beneath),
      distances: numbers(trail.distances),
      share: trail.share,
    };
  });
}

/** The last point of a path at a moment: with at most so many iterations. */
export function pointAt(track: Track, iteration: number): number {
  return lastAtMost(track.iterations, iteration);
}

/**
 * Whether a path lies in the plane, but for rounding: it is the plane of its own variables. Where
 * rounding hides a distance, the values beneath tell.
 */
export function isInPlane({ points, distances, values, beneath }: Track): boolean {
  const size = Math.max(...points.flat().filter(Number.isFinite).map(Math.abs), 0);
  const near = distances.every((distance) => distance <= ROUNDING * size);
  return near && values.every((value, k) => !differ(value, beneath[k] ?? NaN));
}

function differ(one: number, other: number): boolean {
  return Math.abs(one - other) > APART * Math.max(Math.abs(one), Math.abs(other));
}

const ROUNDING = 1e-6;
const APART = 1e-3;

export function isInside([a, b]: readonly number[], [[left, right], [low, high]]: Window): boolean {
  return (
    (a as number) >= left && (a as number) <= right && (b as number) >= low && (b as number) <= high
  );
}

/** The parts of a line that lie in a window, cut at its edge. Points are (α, β, and anything else). */
export function clipped(line: readonly (readonly number[])[], window: Window): number[][][] {
  const parts: number[][][] = [];
  let part: number[][] = [];
  for (let k = 1; k < line.length; k++) {
    const [from, to] = [line[k - 1] as number[], line[k] as number[]];
    const [enter, leave] = inWindow(from, to, window);
    if (!(enter <= leave)) {
      part = [];
      continue;
    }
    if (enter > 0 || part.length === 0) {
      part = [along(from, to, enter)];
      parts.push(part);
    }
    part.push(along(from, to, leave));
    if (leave < 1) part = [];
  }
  return parts;
}

/** The numbers of paths in the order of drawing: what is long or erratic lies beneath the others. */
export function longestFirst(tracks: readonly Track[], window: Window): number[] {
  const lengths = tracks.map((track) => lengthIn(track.points, window));
  return tracks.map((_, t) => t).sort((a, b) => at(lengths, b) - at(lengths, a));
}

/** How far a line goes in a window, whose sides count 1 each. */
function lengthIn(line: readonly Vector[], window: Window): number {
  const [across, up] = window.map(([low, high]) => high - low) as [number, number];
  let sum = 0;
  for (const part of clipped(line, window)) {
    for (let k = 1; k < part.length; k++) {
      const [from, to] = [part[k - 1] as number[], part[k] as number[]];
      sum += Math.hypot((at(to, 0) - at(from, 0)) / across, (at(to, 1) - at(from, 1)) / up);
    }
  }
  return sum;
}

/** From where to where of a straight piece it lies in the window (Liang & Barsky, 1984). */
export function inWindow(from: readonly number[], to: readonly number[], window: Window): Vector {
  let [enter, leave] = [0, 1];
  if (![from[0], from[1], to[0], to[1]].every(Number.isFinite)) return [1, 0];
  window.forEach(([low, high], axis) => {
    const [start, step] = [at(from, axis), at(to, axis) - at(from, axis)];
    if (step === 0) {
      if (start < low || start > high) leave = -1;
      return;
    }
    const [one, other] = [(low - start) / step, (high - start) / step];
    enter = Math.max(enter, Math.min(one, other));
    leave = Math.min(leave, Math.max(one, other));
  });
  return [enter, leave];
}

function along(from: readonly number[], to: readonly number[], share: number): number[] {
  if (share === 0 || share === 1) return [...(share ? to : from)];
  return from.map((value, axis) => value + share * (at(to, axis) - value));
}

export interface Near {
  readonly track: number;
  readonly point: number;
}

/** The point of the shown paths that is drawn nearest to a pixel, at most so far from it. */
export function nearest(
  tracks: readonly Track[],
  shown: (track: number) => boolean,
  place: (track: number, point: number) => Vector,
  [x, y]: Vector,
  most = 12,
): Near | null {
  let [found, least]: [Near | null, number] = [null, most];
  tracks.forEach((track, t) => {
    if (!shown(t)) return;
    for (let k = 0; k < track.points.length; k++) {
      const [a, b] = place(t, k);
      const distance = Math.hypot(a - x, b - y);
      if (distance < least) [found, least] = [{ track: t, point: k }, distance];
    }
  });
  return found;
}
