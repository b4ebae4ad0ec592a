/** Numbers of a scene, as they come from Python: base64 of little-endian binary. */

import type { Array as Packed } from '../scene';

/** An array with its shape: `data[i * shape[1] + j]` is the value in row i and column j. */
export interface Table {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

const READERS = {
  f8: [8, (view: DataView, at: number) => view.getFloat64(at, true)],
  f4: [4, (view: DataView, at: number) => view.getFloat32(at, true)],
  i4: [4, (view: DataView, at: number) => view.getInt32(at, true)],
  u2: [2, (view: DataView, at: number) => view.getUint16(at, true)],
  u1: [1, (view: DataView, at: number) => view.getUint8(at)],
} as const;

/** The numbers of a packed array: value = offset + scale · raw. */
export function unpack(packed: Packed): Table {
  const bytes = Uint8Array.from(atob(packed.data), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const [size, read] = READERS[packed.type];
  const data = new Float64Array(bytes.length / size);
  for (let i = 0; i < data.length; i++) {
    data[i] = packed.offset + packed.scale * read(view, i * size);
  }
  return { data, shape: packed.shape };
}

/** The numbers alone. */
export function numbers(packed: Packed): Float64Array {
  return unpack(packed).data;
}

/** Row i of a table, its first axis. */
export function row(table: Table, i: number): Float64Array {
  const size = table.shape.slice(1).reduce((a, b) => a * b, 1);
  return table.data.subarray(i * size, (i + 1) * size);
}

/** The least and the greatest of the finite values, or [NaN, NaN] where there is none. */
export function extent(values: Iterable<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return low <= high ? [low, high] : [NaN, NaN];
}

/** The place of the last of ascending values that is at most `value`; 0 where all are greater. */
export function lastAtMost(values: ArrayLike<number>, value: number): number {
  let [low, high] = [0, values.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= value) low = middle;
    else high = middle;
  }
  return low;
}
