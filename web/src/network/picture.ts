/** The inputs of a network as a picture in its diagram: weights, or an example of the data. */

import { packed, painted, type Ramp } from '../charts/canvas';
import { mixed, type Rgb } from '../charts/colours';
import { extent } from '../lib/arrays';
import { placeOf, type Column, type Picture } from './layout';

/** The packed colour of each pixel. */
export type Pixels = (index: number) => number;

/** The weights that lead to a unit; the mean of an image's colours. */
export function pixelsOfWeights(
  w: Float64Array,
  colours: number,
  largest: number,
  ramp: Ramp,
): Pixels {
  return (index) => {
    let sum = 0;
    for (let k = 0; k < colours; k++) sum += w[index * colours + k] ?? NaN;
    return ramp.of(0.5 + sum / colours / largest / 2);
  };
}

/** An example, as faint as paper and as dark as ink. */
export function pixelsOfExample(
  example: Float64Array,
  colours: number,
  paper: Rgb,
  ink: Rgb,
): Pixels {
  const [low, high] = extent(example);
  return (index) => {
    const share = ((example[index * colours] ?? 0) - low) / (high - low || 1);
    return packed(mixed(paper, ink, share).map(Math.round) as never);
  };
}

export function drawPicture(
  context: CanvasRenderingContext2D,
  { x, y, width, height, rows, columns }: Picture,
  pixels: Pixels,
): void {
  context.imageSmoothingEnabled = false;
  context.globalAlpha = 0.85;
  context.drawImage(painted(columns, rows, pixels), x, y, width, height);
  context.globalAlpha = 1;
}

/** A frame around a pixel of the input's column. */
export function outlinePixel(
  context: CanvasRenderingContext2D,
  column: Column,
  unit: number,
  colour: string,
): void {
  const place = placeOf(column, unit);
  if (!place || !column.picture) return;
  const size = column.picture.width / column.picture.columns;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.strokeRect(place.x - size / 2, place.y - size / 2, size, size);
}

/** The input, of the first colour, whose pixel lies there; null beside the picture. */
export function pixelAt(picture: Picture | null | undefined, x: number, y: number): number | null {
  if (!picture) return null;
  const column = Math.floor((picture.columns * (x - picture.x)) / picture.width);
  const row = Math.floor((picture.rows * (y - picture.y)) / picture.height);
  const isInside = column >= 0 && row >= 0 && column < picture.columns && row < picture.rows;
  return isInside ? (row * picture.columns + column) * picture.colours : null;
}
