/** Lines of charts: where they break, and the area between two of them. */

export type Drawable = (value: number) => boolean;
type ToPixel = (value: number) => number;

/** What can be drawn on an even scale, and on a logarithmic one. */
export const onLinear: Drawable = Number.isFinite;
export const onLog: Drawable = (value) => Number.isFinite(value) && value > 0;
/** The same where the axis has a 0 of its own beneath it. */
export const onLogAndZero: Drawable = (value) => Number.isFinite(value) && value >= 0;

/** Some places next to each other: the first, and the one past the last. */
export type Run = readonly [number, number];

/** The runs of values that are so. */
export function runs(values: ArrayLike<number>, so: Drawable): Run[] {
  const found: Run[] = [];
  for (let i = 0, start = 0; i < values.length; i++) {
    if (!so(values[i] as number)) start = i + 1;
    else if (i + 1 === values.length || !so(values[i + 1] as number)) found.push([start, i + 1]);
  }
  return found;
}

/** An SVG path through the points that can be drawn; one by itself is a dot. */
export function pathOf(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  x: ToPixel,
  y: ToPixel,
  so: Drawable,
): string {
  return runs(ys, so)
    .map(([first, past]) => {
      const points = pointsOf(xs, ys, first, past, x, y);
      return `M${points.join('L')}${points.length === 1 ? 'h0' : ''}`;
    })
    .join('');
}

function pointsOf(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  first: number,
  past: number,
  x: ToPixel,
  y: ToPixel,
): string[] {
  const points: string[] = [];
  for (let i = first; i < past; i++) {
    points.push(`${x(xs[i] as number).toFixed(1)},${y(ys[i] as number).toFixed(1)}`);
  }
  return points;
}

/** An SVG path around what lies between two lines over the same xs, from one x on. */
export function areaBetween(
  xs: ArrayLike<number>,
  [a, b]: readonly [ArrayLike<number>, ArrayLike<number>],
  from: number,
  x: ToPixel,
  y: ToPixel,
  so: Drawable,
): string {
  const inside = Array.from(xs, (at, i) =>
    at >= from && so(a[i] as number) && so(b[i] as number) ? 1 : NaN,
  );
  return runs(inside, onLinear)
    .map(([first, past]) => {
      const there = pointsOf(xs, a, first, past, x, y);
      return `M${[...there, ...pointsOf(xs, b, first, past, x, y).reverse()].join('L')}Z`;
    })
    .join('');
}

/** The first of the values behind which none is finite, by its place; null where the last is finite. */
export function brokenFrom(values: ArrayLike<number>): number | null {
  let first = values.length;
  while (first > 0 && !Number.isFinite(values[first - 1])) first--;
  return first < values.length ? first : null;
}

/** Why a value is not drawn, in a word. */
export function named(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return value === 0 ? '0' : '≤ 0';
  return value > 0 ? '∞' : '\u2212∞';
}
