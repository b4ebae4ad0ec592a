/** What the drawings of a valley share: the terrain, the paths, and what is shown of them. */

import type { Text, Valley } from '../scene';
import { heightOf, heightsOf, levels, logOffered, spansDecades, type Heights } from './heights';
import { inSpace, type Point, type Surface } from './mesh';
import { levelsOf, type Level } from './rings';
import { slopeAtBall, type AtBall } from './slope';
import { terrainOf, valueAt, windowOf, type Terrain, type Vector, type Window } from './terrain';
import { isInPlane, isInside, pointAt, tracksOf, type Near, type Track } from './tracks';

/** Where the pointer is: a point of the plane, and the point of a path beside it, if any. */
export interface Hover {
  readonly point: Vector;
  readonly near: Near | null;
}

/** What is drawn: the names of the axes and of the values, the terrain, and the paths. */
export interface Sight {
  readonly axes: readonly { readonly label: Text; readonly short: Text }[];
  readonly metric: string;
  readonly terrain: Terrain;
  readonly tracks: readonly Track[];
  /** Of the variables, where the plane is that of a function's own, and no path leaves it. */
  readonly symbols?: readonly string[];
  /** Whether a path is drawn as far as the moment that is shown, and not to its end. */
  readonly walked?: boolean;
}

export function sightOf(valley: Valley): Sight {
  const { axes, metric } = valley;
  const tracks = tracksOf(valley);
  const own = !valley.about.length && tracks.every(isInPlane);
  const symbols = axes.map(({ short }) => short.en);
  return { axes, metric, terrain: terrainOf(valley), tracks, ...(own ? { symbols } : {}) };
}

export class ValleyState {
  readonly valley: Sight;
  readonly terrain: Terrain;
  readonly window: Window;
  readonly tracks: readonly Track[];
  /** How high the points of each path are drawn, as values: their true loss, if that is the height. */
  readonly drawn: readonly ArrayLike<number>[];
  /** Whether heights can be logarithmic. */
  readonly logOffered: boolean;
  /** Whether paths have heights of their own: their losses, on a surface of the loss. */
  readonly isLoss: boolean;

  log: boolean = $state(false);
  arrows: boolean = $state(false);
  slope: boolean = $state(false);
  /** Paths that are not shown, by their number. */
  hidden: readonly number[] = $state.raw([]);
  hover: Hover | null = $state.raw(null);
  /** The path that was chosen for the slope at its ball. */
  private chosen: number = $state(0);

  readonly heights: Heights = $derived.by(() =>
    heightsOf(this.terrain.values, this.trueValues(), this.log),
  );
  readonly levels: readonly Level[] = $derived.by(() => {
    const { low, high, log } = this.heights;
    return levelsOf(this.terrain, levels(low, high, log), this.heights);
  });

  constructor(valley: Sight) {
    this.valley = valley;
    this.terrain = valley.terrain;
    this.window = windowOf(this.terrain);
    this.tracks = valley.tracks;
    this.isLoss = valley.metric === 'loss' || valley.metric === 'value';
    this.drawn = this.tracks.map((track) =>
      this.isLoss ? track.values : track.points.map((point) => valueAt(this.terrain, point)),
    );
    this.logOffered = logOffered(this.terrain.values);
    this.log = this.logOffered && spansDecades(this.terrain.values);
  }

  shown(track: number): boolean {
    return !this.hidden.includes(track);
  }

  toggle(track: number): void {
    this.hidden = this.shown(track)
      ? [...this.hidden, track]
      : this.hidden.filter((other) => other !== track);
  }

  /** The numbers of the paths that are shown. */
  get visible(): number[] {
    return this.tracks.map((_, t) => t).filter((t) => this.shown(t));
  }

  /** The path at whose ball the slope is looked at: the chosen one, or the first that is shown. */
  get sloped(): number {
    return this.shown(this.chosen) ? this.chosen : (this.visible[0] ?? this.chosen);
  }

  set sloped(track: number) {
    this.chosen = track;
  }

  slopeAt(iteration: number): AtBall | null {
    const track = this.shown(this.sloped) ? this.tracks[this.sloped] : undefined;
    if (!track) return null;
    const k = pointAt(track, iteration);
    return slopeAtBall(this.terrain, track.points, k, track.gradients?.[k]);
  }

  /** So many points of a path are drawn at a moment. */
  reached(track: Track, iteration: number): number {
    return this.valley.walked ? pointAt(track, iteration) + 1 : track.points.length;
  }

  private trueValues(): number[] {
    if (!this.isLoss) return [];
    return this.tracks.flatMap((track) =>
      Array.from(track.values).filter((_, k) => isInside(track.points[k] as Vector, this.window)),
    );
  }
}

/** Where a point of a path is in space; NaN outside of the window. */
export function placed(shared: ValleyState, surface: Surface, t: number, k: number): Point {
  const point = shared.tracks[t]?.points[k];
  if (!point || !isInside(point, shared.window)) return [NaN, NaN, NaN];
  return inSpace(surface, point, heightOf(shared.heights, shared.drawn[t]?.[k] ?? NaN));
}
