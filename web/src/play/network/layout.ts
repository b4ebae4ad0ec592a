/** Where everything stands in the diagram of a small network, with a number at every line. */

export interface Card {
  layer: number;
  unit: number;
  /** Of its middle. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Wire {
  layer: number;
  i: number;
  j: number;
  from: { x: number; y: number };
  to: { x: number; y: number };
  /** Where its number stands; null where there is no room for all numbers of a layer. */
  label: { x: number; y: number } | null;
}

export interface Layout {
  columns: readonly (readonly Card[])[];
  wires: readonly Wire[];
  width: number;
  height: number;
}

const INPUT = { width: 92, height: 24, room: 33 };
const UNIT = { width: 112, height: 92, room: 114 };
const TOP = 34;
const EDGE = 4;
/** The width of a weight's number, and the height of its letters. */
const LABEL = 45;
const LETTERS = 15;
// Numbers of more units than this stand beside each other no more.
const MOST_LABELLED = 4;
const LEAST_GAP = 150;

/** Whether every number of such a network can be read in its diagram. */
export function isSmall(sizes: readonly number[]): boolean {
  const [inputs = 0, ...above] = sizes;
  return inputs <= 16 && above.length <= 5 && Math.max(...above) <= 8;
}

/** The diagram for that much room; it is wider where its numbers ask for it. */
export function layoutOf(sizes: readonly number[], room: number): Layout {
  const kinds = sizes.map((_, layer) => (layer === 0 ? INPUT : UNIT));
  const tall = Math.max(...sizes.map((size, layer) => size * (kinds[layer] ?? UNIT).room));
  const height = TOP + tall + EDGE;
  const gaps = gapsOf(sizes, room);
  let left = EDGE;
  const columns = sizes.map((size, layer) => {
    const kind = kinds[layer] ?? UNIT;
    const x = left + kind.width / 2;
    left += kind.width + (gaps[layer] ?? 0);
    const top = TOP + (tall - size * kind.room) / 2;
    return Array.from({ length: size }, (_, unit) => ({
      layer, unit, x, y: top + kind.room * (unit + 0.5), width: kind.width, height: kind.height,
    })); // prettier-ignore
  });
  const wires = columns.slice(1).flatMap((above, k) => wiresOf(columns[k] ?? [], above, k + 1));
  return { columns, wires, width: left + EDGE, height };
}

/** Between the layers: what their numbers need, and an even part of what is left. */
function gapsOf(sizes: readonly number[], room: number): number[] {
  const needed = sizes.slice(1).map((size, k) => {
    if (size > MOST_LABELLED) return LEAST_GAP;
    return Math.max(LEAST_GAP, (size * LABEL + 12) / shareOf(k, sizes[k] ?? 1));
  });
  const cards = INPUT.width + UNIT.width * (sizes.length - 1) + 2 * EDGE;
  const left = room - cards - needed.reduce((sum, gap) => sum + gap, 0);
  const more = Math.max(0, left) / needed.length;
  return needed.map((gap) => gap + Math.min(more, 160));
}

/** How far along the lines numbers may stand before lines from neighbours are too close. */
function shareOf(layer: number, units: number): number {
  if (units === 1) return 0.8;
  return Math.min(0.8, 1 - LETTERS / (layer === 0 ? INPUT : UNIT).room);
}

function wiresOf(below: readonly Card[], above: readonly Card[], layer: number): Wire[] {
  const isLabelled = above.length <= MOST_LABELLED;
  const share = shareOf(layer - 1, below.length);
  return below.flatMap((a) =>
    above.map((b) => {
      const from = { x: a.x + a.width / 2, y: a.y };
      const to = { x: b.x - b.width / 2, y: b.y };
      const along =
        (LABEL / 2 + 4 + (b.unit * share * (to.x - from.x)) / above.length) / (to.x - from.x);
      const label = { x: from.x + along * (to.x - from.x), y: from.y + along * (to.y - from.y) };
      return { layer, i: a.unit, j: b.unit, from, to, label: isLabelled ? label : null };
    }),
  );
}

/** Where the number of a wire stands when its unit alone has numbers: near the other end. */
export function besideOf({ from, to }: Wire, atEnd: boolean): { x: number; y: number } {
  const along = atEnd ? 1 - (LABEL / 2 + 6) / (to.x - from.x) : (LABEL / 2 + 6) / (to.x - from.x);
  return { x: from.x + along * (to.x - from.x), y: from.y + along * (to.y - from.y) };
}
