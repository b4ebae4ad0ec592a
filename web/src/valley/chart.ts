/** A small chart: its scales, round marks, and lines that break where they are not finite. */

import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { sized } from '../charts/labels';
import { extent } from '../lib/arrays';
import { roundNumbers, type Tick } from '../charts/scales';
import { toldApart } from '../lib/format';
import { levels } from './heights';

/** A logarithm where the greatest value is so many times the least. */
const DECADES = 30;
/** Above and below what is drawn, as a share of it. */
const AIR = 0.04;

export interface Scale {
  (value: number): number;
  readonly log: boolean;
  readonly marks: readonly Tick[];
}

/** A scale upwards over all values, logarithmic or not, with some air; from 0 where that is near. */
export function upright(values: Iterable<number>, height: number, log: boolean): Scale {
  const domain = airy(extent(values), log);
  const scale = (log ? scaleLog : scaleLinear)(domain, [height, 0]);
  const most = Math.max(3, Math.floor(height / sized(34)));
  const [low, high] = domain;
  const found = levels(low, high, log, log ? most : most + 2);
  const all = low === 0 ? [0, ...found] : found;
  const texts = toldApart(all);
  const marks = all.map((value, k) => ({ at: scale(value), text: texts[k] ?? '' }));
  return Object.assign((value: number) => scale(value), { log, marks });
}

function airy([low, high]: [number, number], log: boolean): [number, number] {
  if (Number.isNaN(low)) return log ? [0.1, 1] : [0, 1];
  if (low === high)
    return log
      ? [low / 2, 2 * high]
      : [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  if (log) return [low / (high / low) ** AIR, high * (high / low) ** AIR];
  const room = AIR * (high - low);
  return [low >= 0 && low < high / 2 ? 0 : low - room, high + room];
}

/** Whether values are best seen by their logarithm: all above 0, and over decades. */
export function isWide(values: Iterable<number>): boolean {
  const [low, high] = extent(values);
  return low > 0 && high / low >= DECADES;
}

/** A line through (x, y), as an SVG path, broken where either is not finite. */
export function lineOf(x: ArrayLike<number>, y: ArrayLike<number>): string {
  const path = line<number>()
    .defined((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]))
    .x((i) => x[i] as number)
    .y((i) => y[i] as number)
    .digits(1);
  return path(Array.from({ length: x.length }, (_, i) => i)) ?? '';
}

/** Round numbers along the bottom, with room for each. */
export function across(low: number, high: number, width: number): Scale {
  const scale = scaleLinear([low, high > low ? high : low + 1], [0, width]);
  const found = roundNumbers([low, high > low ? high : low + 1], width / sized(60), width);
  const marks = found.map(({ value, text }) => ({ at: scale(value), text }));
  return Object.assign((value: number) => scale(value), { log: false, marks });
}
