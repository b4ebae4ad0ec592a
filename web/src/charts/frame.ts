/** Where everything of a line chart stands, for the width that there is. */

import { number, toldApart } from '../lib/format';
import { BELOW, freest, inRows, roundStep, sized, textWidth } from './labels';
import { onLinear, onLog, onLogAndZero, type Drawable } from './lines';
import { last, type Content, type Line, type Marks } from './parts';
import {
  domainOf, linearScale, logScale, quantile, roundNumbers, type Pair, type Scale, type Tick,
} from './scales'; // prettier-ignore

// Narrower than this the lines are named above instead of at their ends.
const WIDE = 560;
const ROW = sized(18);
/** Below a logarithmic axis, which has no 0: the room for it, and how high it stands there. */
const [ZEROS, ZERO] = [sized(26), sized(8)];

export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** The height of it all, with the numbers beneath. */
  whole: number;
  x: Scale;
  y: Scale;
  yDomain: Pair;
  ticksX: readonly Tick[];
  ticksY: readonly Tick[];
  drawable: Drawable;
  /** Whether it is drawable, and not above or below everything else. */
  shows: Drawable;
  /** Where a logarithmic axis breaks off above its 0; null where no line has one. */
  breaks: number | null;
  /** What stands at the end of each line, where there is room for it; else names stand above. */
  ends: readonly string[];
  wide: boolean;
  legend: readonly { x: number; y: number }[];
}

export function frameOf(content: Content, width: number, height: number): Frame {
  const { lines, log, format, tick, marks } = content;
  const ends = lines.map((line) => `${line.name} ${format(last(line.ys))}`.trim());
  const wide = width >= WIDE;
  const places = inRows(lines.map((line) => textWidth(line.name, 13) + 40), width - 8); // prettier-ignore
  const named = lines.some((line) => line.name);
  const rows = wide || !named ? 0 : 1 + Math.max(0, ...places.map((place) => place.row));
  const top = ROW * rows + (marks ? sized(28) : 0) + 12;
  const bottom = top + height;

  const yDomain = spanY(content);
  const zeros = log && lines.some((line) => Array.from(line.ys).includes(0));
  const lowest = zeros ? bottom - ZEROS : bottom;
  const scale = (log ? logScale : linearScale)(yDomain, [lowest, top], height / (log ? 40 : 50));
  const at = (value: number): number => (zeros && value === 0 ? bottom - ZERO : scale.at(value));
  const y = zeros ? { ...scale, at, ticks: [0, ...scale.ticks] } : scale;
  const texts = tickTexts(scale.ticks, tick);
  if (zeros) texts.unshift('0');
  const drawable = log ? (zeros ? onLogAndZero : onLog) : onLinear;
  const shows = (value: number): boolean =>
    drawable(value) && ((zeros && value === 0) || (value >= yDomain[0] && value <= yDomain[1]));
  const xDomain = spanX(content);
  const left = 16 + Math.max(0, ...texts.map((text) => textWidth(text)));
  const beside = wide ? Math.max(...ends.map((text) => textWidth(text, 13))) + 16 : 0;
  const room = Math.max(beside, 10 + textWidth(number(xDomain[1])) / 2);
  const right = Math.max(left + 40, width - room);
  const x = linearScale(xDomain, [left, right], 1);
  const numbers = roundNumbers(xDomain, (right - left) / 80, right - left);
  return {
    left, right, top, bottom, whole: bottom + BELOW, x, y, yDomain, ends, wide,
    ticksX: numbers
      .filter(({ value }) => Number.isInteger(value))
      .map(({ value, text }) => ({ at: x.at(value), text })),
    ticksY: y.ticks.map((value, i) => ({ at: y.at(value), text: texts[i] ?? '' })),
    drawable, shows, breaks: zeros ? lowest : null,
    legend: places.map((place) => ({ x: place.x, y: ROW * place.row })),
  }; // prettier-ignore
}

/** What stands at ticks: neighbours differ, however close they are. */
function tickTexts(ticks: readonly number[], tick: Content['tick']): string[] {
  const step = (ticks[1] ?? NaN) - (ticks[0] ?? NaN);
  const texts = ticks.map((value) => tick(value, step));
  return new Set(texts).size < texts.length ? toldApart(ticks) : texts;
}

function spanX({ lines, dots, end }: Content): [number, number] {
  const xs = lines.flatMap((line) => [line.xs[0] ?? 0, last(line.xs)]);
  if (dots) xs.push(last(dots.xs));
  if (end) xs.push(end.x);
  const known = xs.filter(Number.isFinite);
  const low = Math.min(...known);
  return known.length ? [low, Math.max(low + 1, ...known)] : [0, 1];
}

function spanY({ lines, dots, band, log, most }: Content): [number, number] {
  const values = lines.flatMap((line) => Array.from(line.ys));
  // A few mini-batches far off do not press the lines together: they are left out.
  if (dots) values.push(quantile(dots.ys, 0.01), quantile(dots.ys, 0.99));
  if (band) values.push(band.low, band.high);
  const [low, high] = domainOf(values, log);
  return [low, Math.max(Math.min(high, most), low)];
}

/** Marks at round numbers that are at least so many pixels apart. */
export function spaced(marks: Marks, x: Scale, least: number): { x: number; number: number }[] {
  const places = Array.from(marks.xs, x.at);
  const units = Math.max(1, last(marks.numbers) - (marks.numbers[0] ?? 0));
  const step = roundStep((last(places) - (places[0] ?? 0)) / units, least);
  return places
    .map((place, i) => ({ x: place, number: marks.numbers[i] ?? NaN }))
    .filter((mark) => mark.number % step === 0);
}

/** Where a text, between two heights and best from `x` on, hides least of the lines. */
export function spot(frame: Frame, lines: readonly Line[], text: string, x: number, heights: Pair) {
  const { left, right } = frame;
  const [high, low] = heights;
  const [width, height] = [textWidth(text, 13) + 8, sized(20)];
  const room = Math.max(left + 4, right - width - 4);
  const places = [x, room, (left + room) / 2, left + 6];
  const shares = [0, 1, 0.1, 0.9, 0.25, 0.75, 0.4, 0.6];
  const boxes = places
    .map((place) => Math.min(Math.max(place, left + 4), room))
    .flatMap((place) =>
      shares.map((share) => ({ x: place, y: high + share * (low - high), width, height })),
    );
  const box = freest(
    boxes,
    lines.flatMap((line) => along(line, frame)),
  );
  return { x: (box?.x ?? left) + 4, y: (box?.y ?? high) + sized(15) };
}

/** A line as points a few pixels apart. */
function along(line: Line, { x, y }: Frame): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 1; i < line.xs.length; i++) {
    const [x0, x1] = [x.at(line.xs[i - 1] ?? 0), x.at(line.xs[i] ?? 0)];
    const [y0, y1] = [y.at(line.ys[i - 1] ?? NaN), y.at(line.ys[i] ?? NaN)];
    if (!Number.isFinite(y0 + y1)) continue;
    const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0) / 6) || 1;
    for (let k = 0; k < steps; k++) {
      found.push([x0 + ((x1 - x0) * k) / steps, y0 + ((y1 - y0) * k) / steps]);
    }
  }
  return found;
}
