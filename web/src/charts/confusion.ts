/** How often class i was taken for class j, and what a page says about it. */

import type { Table } from '../lib/arrays';

export interface Cell {
  truth: number;
  taken: number;
  count: number;
  /** Of the examples of its true class; 0 where there is none. */
  share: number;
}

/** The cells row by row. */
export function cellsOf({ data, shape }: Table): Cell[] {
  const n = shape[0] ?? 0;
  const totals = Array.from({ length: n }, (_, i) =>
    data.subarray(i * n, (i + 1) * n).reduce((a, b) => a + b, 0),
  );
  return Array.from(data, (count, at) => {
    const truth = Math.floor(at / n);
    return { truth, taken: at % n, count, share: count / (totals[truth] || 1) };
  });
}

export const isMistake = (cell: Cell) => cell.truth !== cell.taken;

/** The most frequent mistake, of those that are shown if any is; without any, the most frequent. */
export function largest(
  cells: readonly Cell[],
  isShown: (cell: Cell) => boolean = () => true,
): Cell | undefined {
  const mistaken = cells.filter((cell) => isMistake(cell) && cell.count > 0);
  const shown = mistaken.filter(isShown);
  const among = shown.length ? shown : mistaken.length ? mistaken : cells;
  return [...among].sort((a, b) => b.count - a.count)[0];
}

/** How strongly a cell is shaded, from 0 to 1: mistakes beside the largest share of a mistake. */
export function strength(cell: Cell, largestMistake: number): number {
  if (!isMistake(cell)) return cell.share;
  if (cell.count === 0) return 0;
  return 0.15 + 0.85 * Math.sqrt(cell.share / (largestMistake || 1));
}
