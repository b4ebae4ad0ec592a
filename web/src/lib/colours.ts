/** Colours that are computed: of heights, and of paths. All are told apart by colour-blind people. */

import type { Theme } from './view.svelte';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** From the lowest to the highest; pale enough, or dark enough, for a path to stand out on it. */
const HEIGHTS: Record<Theme, readonly Colour[]> = {
  light: ['#fbfcf4', '#dce8ec', '#b3cbdd', '#8aa8c6'].map(parsed),
  dark: ['#17212b', '#213749', '#31526f', '#4a7297'].map(parsed),
};

const TRAILS: Record<Theme, readonly string[]> = {
  light: ['#d55e00', '#0b3d75', '#00735a', '#1676a8', '#a0468e', '#7d6608', '#1c1c1c'],
  dark: ['#ff9c57', '#8ab8ec', '#4fc4a3', '#f0e442', '#e59ad3', '#d9b36c', '#ffffff'],
};

/** Strokes, by which paths are told apart in grey too: stroke-dasharray. */
const STROKES = ['none', '9 3', '2.5 2.5', '11 3 2 3', '14 3 2 3 2 3', '5 2', '18 5'] as const;

/** The colour of a height, as a share between the lowest and the highest. */
export function heightColour(share: number, theme: Theme): Colour {
  const ramp = HEIGHTS[theme];
  const place = Math.min(Math.max(0, share), 1) * (ramp.length - 1);
  const i = Math.min(Math.floor(place), ramp.length - 2);
  const [below, above] = [ramp[i] as Colour, ramp[i + 1] as Colour];
  return [0, 1, 2].map((c) =>
    mix(below[c] as number, above[c] as number, place - i),
  ) as unknown as Colour;
}

export function trailColour(index: number, theme: Theme): string {
  return TRAILS[theme][index % TRAILS[theme].length] as string;
}

export function trailStroke(index: number): string {
  return STROKES[index % STROKES.length] as string;
}

/** How wide the line of a path is: each is thinner than those that it may cover. */
export function trailWidth(index: number, trails: number): number {
  return trails > 1 ? 3.4 - (2 * index) / (trails - 1) : 2;
}

/** As CSS has it. */
export function css(colour: Colour): string {
  return `rgb(${colour.map(Math.round).join(' ')})`;
}

/** "#rrggbb" as numbers. */
export function parsed(hex: string): Colour {
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
