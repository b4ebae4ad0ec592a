/** Values as heights and colours, evenly or by their logarithm, and round values among them. */

import { range, ticks } from 'd3-array';
import { extent } from '../lib/arrays';

const MOST_LEVELS = 14;
// Values of which half lie in so small a share of the whole range are looked at in decades.
const CROWDED = 0.2;
// A single point may happen to lie on a minimum of 0: so far below the others it is not followed.
const DEEPEST = 0.1;
const FEW = 0.02;
// By how much of the surface's own height paths above or below it may make the drawing higher.
const ROOM = 0.5;

export interface Heights {
  readonly log: boolean;
  /** The lowest and the highest value that are coloured: the surface's. */
  readonly low: number;
  readonly high: number;
  /** The lowest and the highest value that are drawn: paths may lie above or below the surface. */
  readonly bottom: number;
  readonly top: number;
}

/** The heights of a surface and of the paths beside it. */
export function heightsOf(surface: Float64Array, paths: Iterable<number>, log: boolean): Heights {
  const [least, high] = extent(surface);
  const low = log ? Math.max(least, DEEPEST * quantile(surface, FEW)) : least;
  const [m0, m1] = [measure(low, log), measure(high, log)];
  const around = extent([...paths].filter((value) => !log || value > 0));
  const room = ROOM * (m1 - m0);
  const within = (value: number): number =>
    Math.min(Math.max(m0 - room, Number.isNaN(value) ? m0 : measure(value, log)), m1 + room);
  const back = (m: number): number => (log ? 10 ** m : m);
  const [lowest, highest] = [within(around[0]), within(around[1])];
  return {
    log,
    low,
    high,
    bottom: lowest < m0 ? back(lowest) : low,
    top: highest > m1 ? back(highest) : high,
  };
}

/** How high a value is, from 0 to 1, at most; NaN for what is not finite. */
export function heightOf(heights: Heights, value: number): number {
  return share(value, heights.bottom, heights.top, heights.log);
}

/** How much higher the drawing is for a little more of a value: dh/df, 0 where heights are cut off. */
export function slopeOfHeight({ log, bottom, top }: Heights, value: number): number {
  if (!Number.isFinite(value)) return NaN;
  if (value < bottom || value > top || !(top > bottom)) return 0;
  return log ? 1 / (value * Math.log(top / bottom)) : 1 / (top - bottom);
}

/** How dark a value is, from 0 to 1, at most. */
export function shadeOf(heights: Heights, value: number): number {
  return share(value, heights.low, heights.high, heights.log);
}

/** The value, or its logarithm, by which heights are drawn. */
export function measure(value: number, log: boolean): number {
  return log ? Math.log10(value) : value;
}

function share(value: number, low: number, high: number, log: boolean): number {
  if (!Number.isFinite(value)) return NaN;
  if (log && value <= low) return 0; // 0 and less have no logarithm
  const [m0, m1] = [measure(low, log), measure(high, log)];
  return m1 > m0 ? Math.min(Math.max(0, (measure(value, log) - m0) / (m1 - m0)), 1) : 0;
}

/** Whether values have logarithms: none is negative, and 0 is at most a few points' exact minimum. */
export function logOffered(values: Float64Array): boolean {
  return extent(values)[0] >= 0 && quantile(values, FEW) > 0;
}

/** Whether most of the values crowd together far below the highest ones. */
export function spansDecades(values: Float64Array): boolean {
  const [low, high] = extent(values);
  return quantile(values, 0.5) - low < CROWDED * (high - low);
}

/** Round values between two others: evenly spaced, or 1, 2, 5, 10, 20 … or fewer. */
export function levels(low: number, high: number, log: boolean, most = MOST_LEVELS): number[] {
  if (!(low < high)) return [];
  const found = (log && decades(low, high, most)) || ticks(low, high, Math.max(2, most - 2));
  return found.filter((level) => level > low && level < high);
}

/** 1, 2, 5, 10, 20 … between two values, thinned to at most so many; null where there are few. */
function decades(low: number, high: number, most: number): number[] | null {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  for (let every = 1; ; every++) {
    for (const steps of every === 1 ? STEPS : [[1]]) {
      const found = powers(first, last, every)
        .flatMap((power) => steps.map((step) => Number(`${step}e${power}`))) // 3 · 0.1 is not 0.3
        .filter((level) => level >= low && level <= high);
      if (found.length <= most) return found.length < 3 ? null : found;
    }
  }
}

const STEPS = [[1, 2, 5], [1, 3], [1]];

/** The whole multiples of `every` from the first to the last. */
function powers(first: number, last: number, every: number): number[] {
  return range(Math.ceil(first / every) * every, last + 1, every);
}

/** The value below which such a share of the finite ones lies. */
export function quantile(values: Float64Array, part: number): number {
  const sorted = values.filter(Number.isFinite).sort();
  return sorted[Math.round(part * (sorted.length - 1))] ?? NaN;
}
