/** A picture that is drawn by hand. */

export interface Grid {
  rows: number;
  columns: number;
}

/** Pictures of no more pixels than this are clicked pixel by pixel; on larger ones one draws. */
export const MOST_CLICKED = 30;

/** The brush's width in pixels of the picture: like the strokes of digits of that size. */
export function brushOf({ rows, columns }: Grid): number {
  return Math.max(0.75, Math.min(rows, columns) / 16);
}

/** The picture with a stroke from one point to another, in its pixels; nothing gets lighter. */
export function stroked(
  values: readonly number[],
  grid: Grid,
  from: readonly [number, number],
  to: readonly [number, number],
  ink: number,
): number[] {
  const brush = brushOf(grid);
  return values.map((value, index) => {
    const [x, y] = [(index % grid.columns) + 0.5, Math.floor(index / grid.columns) + 0.5];
    const away = distance(x, y, from, to);
    return Math.max(value, ink * Math.min(1, Math.max(0, brush + 0.5 - away)));
  });
}

/** With one pixel the other way: dark where it was light. */
export function flipped(values: readonly number[], index: number, ink: number): number[] {
  return values.map((value, k) => (k === index ? (value > ink / 2 ? 0 : ink) : value));
}

function distance(
  x: number,
  y: number,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const share = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1);
  const along = Math.min(1, Math.max(0, share));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}
