/** Looking at the surface: what a line of sight meets, and what hides a point. */

import { inSpace, onPlane, riseAt, type Box, type Point, type Surface } from './mesh';
import type { Vector } from './terrain';

const STEPS = 240;
const HALVINGS = 18;
/** How deep below the surface something has to be, as a share of the box, to be hidden by it. */
const DEEP = 0.012;

/** The point (α, β) of the surface that a line of sight meets first, or null. */
export function met(surface: Surface, eye: Point, direction: Point): Vector | null {
  const range = inBox(surface.box, eye, direction);
  if (!range) return null;
  const [enter, leave] = range;
  let before = NaN;
  for (let k = 0; k <= STEPS; k++) {
    const t = enter + ((leave - enter) * k) / STEPS;
    const above = over(surface, along(eye, direction, t));
    if (above * before < 0 || above === 0) {
      const step = (leave - enter) / STEPS;
      return onPlane(surface, along(eye, direction, halved(surface, eye, direction, t - step, t)));
    }
    before = above;
  }
  return null;
}

/** Whether a hill stands between the eye and a point in space. */
export function isHidden(surface: Surface, eye: Point, point: Point): boolean {
  const direction: Point = [eye[0] - point[0], eye[1] - point[1], eye[2] - point[2]];
  const range = inBox(surface.box, point, direction);
  if (!range) return false;
  const leave = Math.min(1, range[1]);
  let side = 0;
  for (let k = 1; k <= STEPS / 2; k++) {
    const above = over(surface, along(point, direction, (leave * k) / (STEPS / 2)));
    if (Math.abs(above) < DEEP || Number.isNaN(above)) continue;
    if (side && Math.sign(above) !== side) return true;
    side = Math.sign(above);
  }
  return side < 0;
}

/** Directions from which the surface may be looked at first, the most natural one in front. */
const VIEWS: readonly View[] = [1.02, 0.75].flatMap((polar) =>
  [-0.55, 0.55, -1.05, 1.05, -2.6, 2.6, -2.1, 2.1].map((azimuth) => ({ polar, azimuth })),
);

/** Angles, in radians: from straight above, and to the right of the front. */
export interface View {
  readonly polar: number;
  readonly azimuth: number;
}

/** The direction from which hills hide least of these points. */
export function clearest(surface: Surface, points: readonly Point[]): View {
  const hidden = VIEWS.map(
    (view) => points.filter((point) => isHidden(surface, eyeAt(surface, view), point)).length,
  );
  // A less natural direction has to show clearly more.
  const cost = hidden.map((count, k) => count + 0.03 * k * points.length);
  return VIEWS[cost.indexOf(Math.min(...cost))] as View;
}

function eyeAt({ box }: Surface, { polar, azimuth }: View): Point {
  const side = 5 * Math.sin(polar);
  return [side * Math.sin(azimuth), box.y / 2 + 5 * Math.cos(polar), side * Math.cos(azimuth)];
}

/** How far a point in space is above the surface. */
function over(surface: Surface, point: Point): number {
  return point[1] - surface.box.y * riseAt(surface, onPlane(surface, point));
}

function halved(surface: Surface, eye: Point, direction: Point, from: number, to: number): number {
  let [a, b] = [from, to];
  const side = Math.sign(over(surface, along(eye, direction, a)));
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (a + b) / 2;
    if (Math.sign(over(surface, along(eye, direction, middle))) === side) a = middle;
    else b = middle;
  }
  return b;
}

/** From where to where a ray runs inside the box, from its beginning on. */
function inBox(box: Box, [x, y, z]: Point, [dx, dy, dz]: Point): Vector | null {
  let [enter, leave] = [0, Infinity];
  const walls = [[x, dx, -box.x, box.x], [y, dy, -0.01, box.y + 0.01], [z, dz, -box.z, box.z]]; // prettier-ignore
  for (const [start = 0, step = 0, low = 0, high = 0] of walls) {
    const [one, other] = [(low - start) / step, (high - start) / step];
    enter = Math.max(enter, Math.min(one, other));
    leave = Math.min(leave, Math.max(one, other));
  }
  return enter < leave ? [enter, leave] : null;
}

function along([x, y, z]: Point, [dx, dy, dz]: Point, t: number): Point {
  return [x + t * dx, y + t * dy, z + t * dz];
}

/** A point of the plane on the surface, in space; on the floor over a hole. */
export function onSurface(surface: Surface, point: Vector): Point {
  const rise = riseAt(surface, point);
  return inSpace(surface, point, Number.isNaN(rise) ? 0 : rise);
}
