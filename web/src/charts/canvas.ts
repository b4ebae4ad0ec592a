/** Drawing on a canvas: as sharp as the screen, and pictures of numbers. */

import type { Rgb } from './colours';

// Drawn by the processor: small and drawn anew all the time, it is slower by way of graphics memory,
// and without a graphics card three times as slow.
const PLAIN = { willReadFrequently: true };

/** A cleared canvas of that size, to be drawn on in CSS pixels. */
export function cleared(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const ratio = Math.max(1, window.devicePixelRatio || 1);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext('2d', PLAIN) as CanvasRenderingContext2D;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** A colour as a canvas stores it: red in the lowest byte, then green, blue and opacity. */
export function packed([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** 256 packed colours for shares from 0 to 1, and one for what is no number. */
export class Ramp {
  private readonly colours: Uint32Array;
  private readonly none: number;

  constructor(colour: (share: number) => Rgb, none: Rgb) {
    this.colours = Uint32Array.from({ length: 256 }, (_, i) =>
      packed(colour(i / 255).map(Math.round) as never),
    );
    this.none = packed(none);
  }

  of(share: number): number {
    if (Number.isNaN(share)) return this.none;
    return this.colours[Math.round(255 * Math.min(1, Math.max(0, share)))] as number;
  }
}

/** A picture with one pixel for each packed colour, row by row. */
export function painted(
  width: number,
  height: number,
  pixel: (index: number) => number,
  canvas: HTMLCanvasElement = document.createElement('canvas'),
): HTMLCanvasElement {
  if (canvas.width !== width || canvas.height !== height) {
    [canvas.width, canvas.height] = [width, height];
  }
  const context = canvas.getContext('2d', PLAIN) as CanvasRenderingContext2D;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixel(i);
  context.putImageData(image, 0, 0);
  return canvas;
}
