/** What the drawings of a valley share: the terrain, the paths, and what is shown of them. */

import type { Valley } from '../scene';
import { heightOf, heightsOf, levels, logOffered, spansDecades, type Heights } from './heights';
import { inSpace, type Point, type Surface } from './mesh';
import { levelsOf, type Level } from './rings';
import { slopeAtBall, type AtBall } from './slope';
import { terrainOf, valueAt, windowOf, type Terrain, type Vector, type Window } from './terrain';
import { isInside, pointAt, tracksOf, type Near, type Track } from './tracks';

/** Where the pointer is: a point of the plane, and the point of a path beside it, if any. */
export interface Hover {
  readonly point: Vector;
  readonly near: Near | null;
}

export class ValleyState {
  readonly valley: Valley;
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

  readonly heights: Heights = $derived.by(() =>
    heightsOf(this.terrain.values, this.trueValues(), this.log),
  );
  readonly levels: readonly Level[] = $derived.by(() => {
    const { low, high, log } = this.heights;
    return levelsOf(this.terrain, levels(low, high, log), this.heights);
  });

  constructor(valley: Valley) {
    this.valley = valley;
    this.terrain = terrainOf(valley);
    this.window = windowOf(this.terrain);
    this.tracks = tracksOf(valley);
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

  /** The slope at the ball: that of the first path that is shown. */
  slopeAt(iteration: number): AtBall | null {
    const track = this.tracks.find((_, t) => this.shown(t));
    return track ? slopeAtBall(this.terrain, track.points, pointAt(track, iteration)) : null;
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
