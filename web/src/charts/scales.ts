/** Scales of charts: from numbers to pixels, with ticks that fit. */

import { ticks } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';
import { extent } from '../lib/arrays';
import { toldApart } from '../lib/format';
import { textWidth } from './labels';

/** From numbers to pixels and back, with the numbers that have a tick. */
export interface Scale {
  at: (value: number) => number;
  invert: (pixel: number) => number;
  ticks: readonly number[];
}

export type Pair = readonly [number, number];

/** Where an axis has a tick, in pixels, and what stands there. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

const BETWEEN = 16; // pixels, of texts side by side

/** Round numbers from the lowest to the highest, at most so many, with texts that fit side by side. */
export function roundNumbers([low, high]: Pair, most: number, pixels = Infinity) {
  for (let count = Math.max(1, Math.floor(most)); ; count--) {
    const values = ticks(low, high, count);
    const texts = toldApart(values);
    const [first = 0, second = Infinity] = values;
    const widest = Math.max(0, ...texts.map((text) => textWidth(text)));
    const fits = widest + BETWEEN <= (pixels * (second - first)) / (high - low);
    if (fits || count === 1) return values.map((value, k) => ({ value, text: texts[k] ?? '' }));
  }
}

/** An even scale with about so many ticks at round numbers. */
export function linearScale(domain: Pair, range: Pair, count: number): Scale {
  const scale = scaleLinear(domain, range);
  return { at: scale, invert: scale.invert, ticks: scale.ticks(Math.max(1, count)) };
}

/** A logarithmic scale, for a domain above 0, with at most so many ticks. */
export function logScale(domain: Pair, range: Pair, count: number): Scale {
  const scale = scaleLog(domain, range);
  return { at: scale, invert: scale.invert, ticks: logTicks(domain, Math.max(2, count)) };
}

/** Powers of ten; 1, 2 and 5 times them where these are few; else round numbers, evenly apart. */
export function logTicks([low, high]: Pair, count: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const powers = Math.floor(Math.log10(high) + 1e-9) - first + 1;
  if (powers >= 3) {
    const step = Math.ceil(powers / count);
    const places = Array.from({ length: Math.ceil(powers / step) }, (_, i) => first + i * step);
    return places.map((place) => Number(`1e${place}`));
  }
  const found: number[] = [];
  for (let place = first - 1; place < first + powers; place++) {
    for (const digit of [1, 2, 5]) found.push(Number(`${digit}e${place}`));
  }
  const inside = found.filter((tick) => tick >= low && tick <= high);
  return inside.length >= 3 ? inside : scaleLinear([low, high], [0, 1]).ticks(Math.min(4, count));
}

/** What a chart of these values spans, with some room; of the positive ones if logarithmic. */
export function domainOf(values: Iterable<number>, log: boolean, room = 0.04): [number, number] {
  const positive = function* () {
    for (const value of values) if (value > 0) yield value;
  };
  const [low, high] = extent(log ? positive() : values);
  if (Number.isNaN(low)) return log ? [0.1, 1] : [0, 1];
  if (log) {
    const factor = low === high ? 2 : (high / low) ** room;
    return [low / factor, high * factor];
  }
  if (low === 0 && high === 0) return [-room, 1]; // such as an accuracy that stays at nothing
  const margin = low === high ? Math.abs(low) / 2 : (high - low) * room;
  return [low - margin, high + margin];
}

/** The value below which that share of the finite values lies; NaN where there is none. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  return sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
}

/** The place of the value that is nearest, of ascending ones. */
export function nearest(values: ArrayLike<number>, value: number): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (Math.abs((values[i] as number) - value) < Math.abs((values[best] as number) - value)) {
      best = i;
    }
  }
  return best;
}
