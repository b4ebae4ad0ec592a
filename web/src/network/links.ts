/** The lines of a network's diagram: which weights are drawn, and how. */

import { css, type Diverging } from '../charts/colours';
import { distance, unitsIn, type Column, type Unit } from './layout';
import { strongest, type Parameters } from './weights';

/** A weight as a line from a unit of one layer to a unit of the next. */
export interface Link {
  from: Unit;
  to: Unit;
  w: number;
}

/** All pairs of shown units of two layers, as places in w; the same at every moment. */
export interface Pairs {
  places: Uint32Array;
  from: ReadonlyMap<number, Unit>;
  to: ReadonlyMap<number, Unit>;
  units: number;
}

/** Of more weights than this between two layers, the strongest are drawn. */
export const MOST_LINKS = 300;

export function pairsOf(below: Column, above: Column, units: number): Pairs {
  const [from, to] = [unitsIn(below), unitsIn(above)];
  const places = new Uint32Array(from.length * to.length);
  let next = 0;
  for (const a of from) for (const b of to) places[next++] = a.index * units + b.index;
  const named = (all: readonly Unit[]) => new Map(all.map((unit) => [unit.index, unit]));
  return { places, from: named(from), to: named(to), units };
}

/** The lines between two layers, the strongest where there are too many, the weakest first. */
export function linksOf({ places, from, to, units }: Pairs, { w }: Parameters): Link[] {
  return linksAt(strongest(w, places, MOST_LINKS), from, to, units, w);
}

/** The lines to a unit, or, from the layer below, from it; the strongest where there are too many. */
export function linksWith(pairs: Pairs, { w }: Parameters, unit: number, below: boolean): Link[] {
  const { from, to, units } = pairs;
  const places = below
    ? [...to.keys()].map((index) => unit * units + index)
    : [...from.keys()].map((index) => index * units + unit);
  return linksAt(strongest(w, places, MOST_LINKS), from, to, units, w);
}

function linksAt(
  places: readonly number[],
  from: ReadonlyMap<number, Unit>,
  to: ReadonlyMap<number, Unit>,
  units: number,
  w: Float64Array,
): Link[] {
  return places
    .flatMap((place) => {
      const [a, b] = [from.get(Math.floor(place / units)), to.get(place % units)];
      return a && b ? [{ from: a, to: b, w: w[place] ?? NaN }] : [];
    })
    .sort((a, b) => Math.abs(a.w) - Math.abs(b.w));
}

/**
 * Draws lines as wide as their weights are large, in the colour of their sign; what is not finite
 * is dotted.
 */
export function drawLinks(
  context: CanvasRenderingContext2D,
  links: readonly Link[],
  largest: number,
  colours: Diverging,
  alpha: number,
): void {
  const crowd = Math.min(1, Math.sqrt(MOST_LINKS / 2 / Math.max(1, links.length)));
  for (const { from, to, w } of links) {
    const share = Number.isFinite(w) ? Math.abs(w) / (largest || 1) : 0.4;
    context.strokeStyle = css(
      w < 0 ? colours.negative : colours.positive,
      alpha * (0.25 + 0.75 * share),
    );
    context.setLineDash(Number.isFinite(w) ? [] : [1, 4]);
    context.lineWidth = 0.4 + 3.2 * share * crowd;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  context.setLineDash([]);
}

/** The line nearest to a point, with the layer that it leads to; null where none is near. */
export function linkAt(
  all: readonly (readonly Link[])[],
  x: number,
  y: number,
  near = 5,
): { level: number; link: Link } | null {
  let [least, found] = [near, null as { level: number; link: Link } | null];
  all.forEach((links, i) => {
    for (const link of links) {
      const away = distance(x, y, link.from, link.to);
      if (away <= least) [least, found] = [away, { level: i + 1, link }];
    }
  });
  return found;
}
