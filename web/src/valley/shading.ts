/** The colours of a surface: by its values, and darker on slopes that turn away from the light. */

import { heightColour, type Colour } from '../lib/colours';
import type { Theme } from '../lib/view.svelte';
import { shadeOf, slopeOfHeight } from './heights';
import type { Point, Surface } from './mesh';
import { at } from './terrain';

/** The direction to the light: from the left and behind the viewer. */
const LIGHT: Point = [-0.5, 0.82, 0.29];

/** A colour for each grid point. */
export function colours(surface: Surface, theme: Theme): Uint8Array {
  const { values } = surface.terrain;
  const found = new Uint8Array(3 * values.length);
  values.forEach((value, k) => {
    const light = lightAt(surface, k);
    const shade = shadeOf(surface.heights, value);
    const colour: Colour = heightColour(Number.isNaN(shade) ? 0 : shade, theme);
    found.set(
      colour.map((part) => Math.min(255, part * light)),
      3 * k,
    );
  });
  return found;
}

/** How bright the surface is at a grid point, by its own slope there; level where none is known. */
function lightAt({ box, window, heights, terrain }: Surface, k: number): number {
  const steep = box.y * slopeOfHeight(heights, at(terrain.values, k));
  const slope = (axis: 0 | 1, half: number): number => {
    const [low, high] = window[axis];
    const found = (steep * at(terrain.slopes, 2 * k + axis) * (high - low)) / (2 * half);
    return Number.isFinite(found) ? found : 0;
  };
  const normal: Point = [-slope(0, box.x), 1, slope(1, box.z)]; // β grows towards −z
  const cosine = dot(normal, LIGHT) / (Math.hypot(...normal) * Math.hypot(...LIGHT));
  return 0.7 + 0.28 * Math.max(0, cosine);
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
