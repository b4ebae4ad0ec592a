/** What a network answers over a plane, as colours. */

import { mixed, type Rgb } from '../../charts/colours';
import type { Numbers } from '../wire';

/** The class that the answer at a place stands for, and how far it is from the next: 0 to 1. */
export function answerAt(outputs: Numbers, place: number): { of: number; sure: number } {
  const size = outputs.shape[2] ?? 1;
  const data = outputs.data.subarray(place * size, (place + 1) * size);
  if (size === 1) {
    const a = data[0] ?? NaN;
    return { of: a > 0.5 ? 1 : 0, sure: Math.min(1, Math.abs(a - 0.5) * 2) };
  }
  let [best, next] = [0, -1];
  for (let k = 1; k < size; k++) {
    if ((data[k] ?? 0) > (data[best] ?? 0)) [best, next] = [k, best];
    else if (next < 0 || (data[k] ?? 0) > (data[next] ?? 0)) next = k;
  }
  return { of: best, sure: Math.min(1, (data[best] ?? 0) - (data[next] ?? 0)) };
}

/** The colour of a region: pale where the network is not sure. */
export function regionColour(paper: Rgb, colour: Rgb, sure: number): Rgb {
  return mixed(paper, colour, 0.1 + 0.3 * sure);
}

/** The class of an example, by its label or by its targets. */
export function classAt(t: Numbers, example: number): number {
  const size = t.shape.length > 1 ? (t.shape[1] ?? 1) : 1;
  if (size === 1) return Math.round(t.data[example] ?? 0);
  const row = Array.from(t.data.subarray(example * size, (example + 1) * size));
  return row.indexOf(Math.max(...row));
}
