/** Where labels of charts stand so that none lies over another. */

const FULL = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u;

// Of what is neither, as wide as the widest of common fonts has it.
const NARROW = /[\sijlftrI.,:;'|!()⁻⁰¹²³⁴-⁹-]/u;
const WIDE = /[mwMW%@−×→]/u;

/** How many times as large as usual text is: readers set that in their browser. */
const ZOOM =
  typeof document === 'undefined'
    ? 1
    : parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;

/** The pixels of a length, of text or beside it, that is so many where text has its usual size. */
export function sized(length: number): number {
  return length * ZOOM;
}

/** Below an axis: its ticks, their numbers and its name. */
export const BELOW = 8 + sized(40);

/**
 * About how many pixels a text takes: Chinese and Japanese letters are as wide as high.
 *
 * size: its letters', in pixels where text has its usual size: 12 for 0.75rem.
 */
export function textWidth(text: string, size = 12): number {
  let letters = 0;
  for (const letter of text) letters += share(letter);
  return letters * sized(size);
}

/** The width of a letter beside its size. */
function share(letter: string): number {
  if (FULL.test(letter)) return 1;
  if (WIDE.test(letter)) return 0.95;
  return NARROW.test(letter) ? 0.42 : 0.64;
}

/** The text, or as much of its beginning and end as fits: names often differ at their ends. */
export function shortened(text: string, width: number, size = 12): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  let [front, back] = [0, 0];
  for (;;) {
    const [f, b] = front <= back ? [front + 1, back] : [front, back + 1];
    if (textWidth(ends(letters, f, b), size) > width) return ends(letters, front, back);
    [front, back] = [f, b];
  }
}

function ends(letters: readonly string[], front: number, back: number): string {
  return `${letters.slice(0, front).join('')}…${letters.slice(letters.length - back).join('')}`;
}

/** The least movement, in the sense of least squares, that puts positions `gap` apart in a range. */
export function pushedApart(wanted: readonly number[], gap: number, low: number, high: number) {
  const order = wanted.map((_, i) => i).sort((i, j) => (wanted[i] ?? 0) - (wanted[j] ?? 0));
  // Less the room that those above take, positions only have to ascend: neighbours that do not
  // are pooled to their mean.
  const pools: { sum: number; size: number }[] = [];
  order.forEach((i, rank) => {
    pools.push({ sum: (wanted[i] ?? 0) - rank * gap, size: 1 });
    for (let last = pools.length - 1; last > 0; last--) {
      const [above, below] = [pools[last - 1], pools[last]] as [Pool, Pool];
      if (above.sum / above.size <= below.sum / below.size) break;
      pools.splice(last - 1, 2, { sum: above.sum + below.sum, size: above.size + below.size });
    }
  });
  const highest = Math.max(low, high - (order.length - 1) * gap);
  const levels = pools.flatMap(({ sum, size }) =>
    Array.from({ length: size }, () => Math.min(Math.max(sum / size, low), highest)),
  );
  const places = new Array<number>(wanted.length).fill(0);
  order.forEach((i, rank) => (places[i] = (levels[rank] ?? low) + rank * gap));
  return places;
}

interface Pool {
  sum: number;
  size: number;
}

/** The least of 1, 2, 5, 10, … units that is at least so many pixels wide. */
export function roundStep(pixelsPerUnit: number, least: number): number {
  for (let power = 1; power < 1e15; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power * pixelsPerUnit >= least) return digit * power;
  }
  return Infinity;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Of some boxes the one with the fewest points in it, the first of several. */
export function freest(boxes: readonly Box[], points: readonly (readonly [number, number])[]) {
  const crowd = boxes.map(
    (box) =>
      points.filter(
        ([x, y]) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height,
      ).length,
  );
  return boxes[crowd.indexOf(Math.min(...crowd))];
}

/** Words in rows, as many to a row as fit: where each begins, and in which row. */
export function inRows(widths: readonly number[], room: number): { x: number; row: number }[] {
  let [x, row] = [0, 0];
  return widths.map((width) => {
    if (x > 0 && x + width > room) [x, row] = [0, row + 1];
    const place = { x, row };
    x += width;
    return place;
  });
}

/** 0, 1, …, as many as asked for. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
