/** Where the units of a network stand in its diagram. */

import { unitsOf } from './weights';
import type { NetworkView } from '../scene';

export interface Unit {
  index: number;
  x: number;
  y: number;
}

/** One layer: its units that are shown, or, for the input, a picture. */
export interface Column {
  layer: number;
  x: number;
  units: readonly Unit[];
  /** How many units are left out, and where the dots for them stand. */
  left_out: number;
  gap: number;
  picture: Picture | null;
}

export interface Picture {
  x: number;
  y: number;
  width: number;
  height: number;
  rows: number;
  columns: number;
  colours: number;
}

export interface Diagram {
  columns: readonly Column[];
  radius: number;
  height: number;
}

/** More inputs of an image than this are drawn as a picture; more units than this are thinned. */
const MOST_PIXELS = 16;
const MOST_UNITS = 24;
const TOP = 16;
// Pixels from one unit to the next, at most.
const WIDEST = 38;

/** The units that are shown of so many: all, or the first and the last. */
export function shownOf(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const first = Math.ceil(most / 2);
  const last = Math.floor(most / 2);
  return Array.from({ length: most }, (_, i) => (i < first ? i : count - last + i - first));
}

/** Whether the input is drawn as a picture. */
export function isPictured({ image_shape, inputs }: NetworkView): boolean {
  return image_shape !== null && inputs > MOST_PIXELS;
}

/** The height that a diagram needs, up to a most. */
export function heightFor(network: NetworkView, most: number): number {
  const sizes = network.layers.map((layer) => layer.units);
  const tallest = Math.max(...sizes, isPictured(network) ? 0 : network.inputs);
  return Math.min(most, Math.max(isPictured(network) ? 260 : 120, tallest * WIDEST + 2 * TOP));
}

/** The layers side by side between `left` and `right`. */
export function diagramOf(
  network: NetworkView,
  left: number,
  right: number,
  height: number,
): Diagram {
  const count = network.layers.length + 1;
  const picture = pictureOf(network, Math.min(200, (right - left) / (count - 0.4)), height);
  const sizes = Array.from({ length: count }, (_, layer) => unitsOf(network, layer));
  const drawn = sizes.filter((_, layer) => layer > 0 || !picture);
  const slots = Math.min(MOST_UNITS + 1, Math.max(...drawn));
  const spacing = Math.min(WIDEST, (height - 2 * TOP) / Math.max(1, slots - 1));
  const first = picture ? left + picture.width / 2 : left;
  const columns = sizes.map((size, layer) => {
    const x = first + ((right - first) * layer) / Math.max(1, count - 1);
    const own = layer === 0 ? picture : null;
    if (own) return pictured({ ...own, x: x - own.width / 2 }, x, height);
    return columnOf(layer, x, size, spacing, height);
  });
  return { columns, radius: Math.min(11, Math.max(3, spacing * 0.37)), height };
}

function pictureOf(network: NetworkView, room: number, height: number): Picture | null {
  const [rows = 0, columns = 0, colours = 1] = network.image_shape ?? [];
  if (rows * columns === 0 || network.inputs <= MOST_PIXELS) return null;
  const pixel = Math.min(room / columns, (height - 2 * TOP) / rows);
  const [wide, high] = [pixel * columns, pixel * rows];
  return { x: 0, y: (height - high) / 2, width: wide, height: high, rows, columns, colours };
}

function pictured(picture: Picture, x: number, height: number): Column {
  return { layer: 0, x, units: [], left_out: 0, gap: height / 2, picture };
}

function columnOf(layer: number, x: number, size: number, spacing: number, height: number): Column {
  const shown = shownOf(size, MOST_UNITS);
  const left_out = size - shown.length;
  const slots = shown.length + (left_out ? 1 : 0);
  const top = height / 2 - (spacing * (slots - 1)) / 2;
  const before = Math.ceil(shown.length / 2);
  const units = shown.map((index, i) => ({
    index,
    x,
    y: top + spacing * (left_out && i >= before ? i + 1 : i),
  }));
  return { layer, x, units, left_out, gap: top + spacing * before, picture: null };
}

/** Where a unit, or a pixel, of a column stands; null where it is left out. */
export function placeOf(column: Column, unit: number): Unit | null {
  const { picture } = column;
  if (!picture) return column.units.find((one) => one.index === unit) ?? null;
  const place = Math.floor(unit / picture.colours);
  const [across, down] = [place % picture.columns, Math.floor(place / picture.columns)];
  return {
    index: unit,
    x: picture.x + (picture.width * (across + 0.5)) / picture.columns,
    y: picture.y + (picture.height * (down + 0.5)) / picture.rows,
  };
}

/** The units of a column that weights lead from or to: for a picture, all its pixels. */
export function unitsIn(column: Column): readonly Unit[] {
  const { picture } = column;
  if (!picture) return column.units;
  const count = picture.rows * picture.columns * picture.colours;
  return Array.from({ length: count }, (_, unit) => placeOf(column, unit) as Unit);
}

/** How far a point is from the line between two others. */
export function distance(x: number, y: number, from: Unit, to: Unit): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const clamped = Math.min(1, Math.max(0, share));
  return Math.hypot(x - from.x - clamped * dx, y - from.y - clamped * dy);
}
