/** The points that a unit learns from, as they are moved about. */

export interface Data {
  readonly x: readonly number[];
  readonly t: readonly number[];
}

/** As fine as points are placed. */
const DIGITS = 2;

export function rounded(value: number): number {
  return Number(value.toFixed(DIGITS)) + 0;
}

export function added({ x, t }: Data, at: readonly [number, number], most: number): Data {
  if (x.length >= most) return { x, t };
  return { x: [...x, rounded(at[0])], t: [...t, rounded(at[1])] };
}

export function moved({ x, t }: Data, i: number, to: readonly [number, number]): Data {
  const put = (values: readonly number[], value: number): number[] =>
    values.map((old, k) => (k === i ? rounded(value) : old));
  return { x: put(x, to[0]), t: put(t, to[1]) };
}

/** One point stays: a unit without any has no loss. */
export function removed({ x, t }: Data, i: number): Data {
  if (x.length < 2) return { x, t };
  return { x: x.filter((_, k) => k !== i), t: t.filter((_, k) => k !== i) };
}

export type Span = readonly [number, number];

/** What a drawing of the points spans: with room, and 0 to 1 at least upwards. */
export function spans({ x, t }: Data): { x: Span; t: Span } {
  return { x: roomy(x, 0.15), t: roomy([...t, 0, 1], 0.18) };
}

function roomy(values: readonly number[], share: number): Span {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = share * (high - low) || 1;
  return [low - room, high + room];
}
