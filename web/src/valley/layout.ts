/** Where things lie on the map: the plot, its scales, and the colour bar beside it. */

import { BELOW, sized, textWidth } from '../charts/labels';
import { roundNumbers } from '../charts/scales';
import { toldApart } from '../lib/format';
import { heightOf, levels, shadeOf, type Heights } from './heights';
import { apart } from './labels';
import type { Arrow } from './slope';
import { coordinateAt, type Terrain, type Vector, type Window } from './terrain';

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The plot: its left, its top, and its size. */
  readonly left: number;
  readonly top: number;
  readonly plot: Vector;
  /** The colour bar's left. */
  readonly bar: number;
}

const [TOP, BOTTOM, RIGHT] = [sized(26), BELOW + 2, 12]; // pixels around the plot
const BAR = 14; // its width
const NAME = sized(22); // of an axis that stands upright

/** The plot as large as the width allows, true to scale, not higher than `most`. */
export function layoutOf(
  width: number,
  shape: number,
  most: number,
  left: number,
  right: number,
): Layout {
  const beside = NAME + left + RIGHT + BAR + 8 + right;
  const room: Vector = [Math.max(120, width - beside), most - TOP - BOTTOM];
  const across = Math.min(room[0], room[1] / shape);
  const plot: Vector = [across, across * shape];
  const start = (width - across - beside) / 2;
  return {
    width,
    height: plot[1] + TOP + BOTTOM,
    left: start + NAME + left,
    top: TOP,
    plot,
    bar: start + NAME + left + across + RIGHT,
  };
}

/** From (α, β) to pixels of the plot, and back. */
export function toPixels([[left, right], [low, high]]: Window, [width, height]: Vector) {
  return {
    pixel: ([a, b]: Vector): Vector => [
      (width * (a - left)) / (right - left),
      height * (1 - (b - low) / (high - low)),
    ],
    point: ([x, y]: Vector): Vector => [
      left + (x / width) * (right - left),
      low + (1 - y / height) * (high - low),
    ],
  };
}

/** Between (α, β) and pixels. */
export type Pixels = ReturnType<typeof toPixels>;

/** From places of the grid to (α, β); half a square outside of it too. */
export function fromGrid({ alpha, beta }: Terrain, [u, v]: Vector): Vector {
  return [coordinateAt(alpha, u), coordinateAt(beta, v)];
}

export interface Mark {
  readonly share: number;
  readonly text: string;
}

/** Round numbers along an axis, at most so many, and as many as have room side by side. */
export function axisMarks([low, high]: Vector, most: number, pixels?: number): Mark[] {
  return roundNumbers([low, high], most, pixels).map(({ value, text }) => ({
    share: (value - low) / (high - low),
    text,
  }));
}

/** Round heights, at most so many. */
export function heightMarks(heights: Heights, most: number): Mark[] {
  const found = levels(heights.bottom, heights.top, heights.log, most);
  const texts = toldApart(found);
  return found.map((value, k) => ({ share: heightOf(heights, value), text: texts[k] ?? '' }));
}

export interface Band {
  readonly from: number;
  readonly to: number;
}

/** The parts of the colour bar between contour levels, as shares of the range. */
export function bands(heights: Heights, values: readonly number[]): Band[] {
  const edges = [0, ...values.map((value) => shadeOf(heights, value)), 1];
  return edges.slice(1).map((to, k) => ({ from: edges[k] as number, to }));
}

/** The levels that are written beside the colour bar: as many as have room. */
export function barMarks(heights: Heights, values: readonly number[], height: number): Mark[] {
  const texts = toldApart(values);
  const marks = values.map((value, k) => ({
    share: shadeOf(heights, value),
    text: texts[k] ?? '',
  }));
  return apart(marks, ({ share }) => share * height, sized(17));
}

export function widest(marks: readonly Mark[]): number {
  return Math.max(0, ...marks.map(({ text }) => textWidth(text)));
}

/** An arrow as an SVG path; longest: in pixels, of the steepest. */
export function arrowPath(
  { from, direction, share }: Arrow,
  scale: Pixels,
  longest: number,
): string {
  const [x, y] = scale.pixel(from);
  const [a, b] = scale.pixel([from[0] + direction[0], from[1] + direction[1]]);
  const stretch = (share * longest) / (Math.hypot(a - x, b - y) || 1);
  const [dx, dy] = [(a - x) * stretch, (b - y) * stretch];
  const tip: Vector = [x + dx, y + dy];
  const head = Math.min(5 / (share * longest), 0.45);
  const wing = (side: number): Vector => [
    tip[0] - head * (dx - side * 0.6 * dy),
    tip[1] - head * (dy + side * 0.6 * dx),
  ];
  const [begin, one, end, other] = [[x, y] as const, wing(1), tip, wing(-1)].map((point) =>
    point.map((part) => part.toFixed(1)).join(),
  );
  return `M${begin}L${end}M${one}L${end}L${other}`;
}
