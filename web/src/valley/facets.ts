/** The triangles of a surface: along which diagonal each square of the grid is cut. */

import { slopeOfHeight, type Heights } from './heights';
import { at, isHole, type Terrain } from './terrain';

/**
 * Of each square of the grid, whether it is cut from (0, 1) to (1, 0), and not from (0, 0) to (1, 1).
 *
 * A straight edge of length 1 between two ends with the slopes s₀ and s₁ along it misses the middle
 * of the surface by |s₁ − s₀| / 8. The diagonal that misses by less is taken: it runs along a valley,
 * where the other one would stand across it like a tooth.
 */
export function fallingCuts(terrain: Terrain, heights: Heights): Uint8Array {
  const { alpha, beta } = terrain;
  const [rows, columns] = [alpha.length - 1, Math.max(0, beta.length - 1)];
  const found = new Uint8Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const k = i * beta.length + j;
      const across = at(alpha, i + 1) - at(alpha, i);
      const up = at(beta, j + 1) - at(beta, j);
      const rising = bend(terrain, heights, k, k + beta.length + 1, across, up);
      const falling = bend(terrain, heights, k + 1, k + beta.length, across, -up);
      found[i * columns + j] = falling < rising ? 1 : 0;
    }
  }
  return found;
}

/** By how much the slope changes from one grid point to another, along the line between them. */
function bend(
  terrain: Terrain,
  heights: Heights,
  from: number,
  to: number,
  across: number,
  up: number,
): number {
  const slope = (k: number): number =>
    slopeOfHeight(heights, at(terrain.values, k)) *
    (across * at(terrain.slopes, 2 * k) + up * at(terrain.slopes, 2 * k + 1));
  return Math.abs(slope(to) - slope(from));
}

/** Two triangles, that face upwards, for each square of the grid whose corners are all finite. */
export function triangles({
  terrain,
  falling,
}: {
  terrain: Terrain;
  falling: Uint8Array;
}): Uint32Array {
  const columns = terrain.beta.length;
  const found: number[] = [];
  for (let i = 0; i < terrain.alpha.length - 1; i++) {
    for (let j = 0; j < columns - 1; j++) {
      if (isHole(terrain, i, j)) continue;
      const k = i * columns + j;
      const [right, both, up] = [k + columns, k + columns + 1, k + 1];
      if (falling[i * (columns - 1) + j]) found.push(k, right, up, right, both, up);
      else found.push(k, right, both, k, both, up);
    }
  }
  return new Uint32Array(found);
}
