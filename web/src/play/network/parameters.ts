/** Weights and biases by their place in the books' notation. */

import type { Frame, Layer } from '../messages';

/** w^l_ji, or b^l_j where i is null: all counted from 1, the input being layer 1. */
export interface At {
  layer: number;
  i: number | null;
  j: number;
}

export function isAt(a: At | null, b: At): boolean {
  return a !== null && a.layer === b.layer && a.i === b.i && a.j === b.j;
}

/** The number of a parameter, or of its gradient or step, in layers of that kind; NaN for none. */
export function valueAt(layers: readonly Layer[] | null | undefined, { layer, i, j }: At): number {
  const found = layers?.[layer - 2];
  if (!found) return NaN;
  const units = found.b.data.length;
  return (i === null ? found.b.data[j - 1] : found.w.data[(i - 1) * units + j - 1]) ?? NaN;
}

/** The weights that lead to unit j of a layer. */
export function weightsTo(frame: Frame, layer: number, j: number): number[] {
  const found = frame.layers[layer - 2];
  if (!found) return [];
  const [inputs = 0, units = 0] = found.w.shape;
  return Array.from({ length: inputs }, (_, i) => found.w.data[i * units + j - 1] ?? NaN);
}

/** Its name as text: w²₁₃, b²₁. */
export function nameOf({ layer, i, j }: At): string {
  const below = i === null ? lowered(j) : `${lowered(j)}${j > 9 || i > 9 ? ',' : ''}${lowered(i)}`;
  return `${i === null ? 'b' : 'w'}${raised(layer)}${below}`;
}

/** The same in LaTeX. */
export function texOf({ layer, i, j }: At): string {
  return i === null ? tex('b', layer, j) : tex('w', layer, j, i);
}

/** A quantity with its layer above and its units below, in LaTeX. */
export function tex(letter: string, layer: number, ...units: number[]): string {
  const between = units.some((unit) => unit > 9) ? ',' : '';
  return `${letter}^{${layer}}_{${units.join(between)}}`;
}

/** The same as text: z²₁. */
export function plain(letter: string, layer: number, unit: number): string {
  return `${letter}${raised(layer)}${lowered(unit)}`;
}

export function raised(value: number): string {
  return [...String(value)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
}

export function lowered(value: number): string {
  return [...String(value)].map((digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]).join('');
}
