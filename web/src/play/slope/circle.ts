/** The circle of directions round the ball: where f rises on it, where it falls, and how much. */

import type { Vector } from '../../valley/terrain';
import type { Around } from '../messages';

export interface Piece {
  readonly from: Vector;
  readonly to: Vector;
  readonly up: boolean;
  /** Of the change, beside the greatest on the circle. */
  readonly share: number;
}

/** The angle of the gradient itself, from which θ is counted, in radians. */
function ahead({ gradient }: Around): number {
  return Math.atan2(gradient.data[1] ?? 0, gradient.data[0] ?? 0);
}

/** The place on the circle at an angle θ, in degrees. */
export function placeAt(around: Around, degrees: number): Vector {
  const angle = ahead(around) + (degrees * Math.PI) / 180;
  const [x, y] = around.at;
  return [x + around.radius * Math.cos(angle), y + around.radius * Math.sin(angle)];
}

/** The circle in pieces, each as it lies on the map. */
export function roundOf(around: Around, pixel: (point: Vector) => Vector): Piece[] {
  const [angles, changes] = [around.angles.data, around.changes.data];
  const most = Math.max(...Array.from(changes, Math.abs)) || 1;
  return Array.from({ length: angles.length - 1 }, (_, i): Piece => {
    const change = ((changes[i] ?? 0) + (changes[i + 1] ?? 0)) / 2;
    return {
      from: pixel(placeAt(around, angles[i] ?? 0)),
      to: pixel(placeAt(around, angles[i + 1] ?? 0)),
      up: change > 0,
      share: Math.abs(change) / most,
    };
  });
}
