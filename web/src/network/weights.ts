/** The weights of a network at the moment that is shown. Layer 0 is the input. */

import { extent, lastAtMost, numbers, row, unpack, type Table } from '../lib/arrays';
import type { LayerView, NetworkView } from '../scene';

/** Weights, (inputs, units), and biases of one layer at one moment. */
export interface Parameters {
  inputs: number;
  units: number;
  w: Float64Array;
  b: Float64Array;
  /** 0 where they are exact; else the steps in which they are told. */
  step: number;
}

/** One layer above the input, at all moments. */
export interface Layer {
  activation: string;
  /** The largest |w| of all moments. */
  largest: number;
  end: Parameters;
  w: Table;
  b: Table;
  steps: number;
  histograms: ActivationHistograms | null;
}

/** Edges of bins, and at each moment the share of activations in each: (moments, bins). */
export interface ActivationHistograms {
  edges: Float64Array;
  shares: Table;
}

export function layerOf(view: LayerView): Layer {
  const [inputs = 0, units = 0] = view.w.shape;
  const end = { inputs, units, w: numbers(view.w), b: numbers(view.b), step: 0 };
  const w = unpack(view.w_moments);
  return {
    activation: view.activation,
    largest: Math.max(largestOf(end.w), largestOf(w.data)),
    end,
    w,
    b: unpack(view.b_moments),
    steps: view.w_moments.scale ?? 1,
    histograms: view.histograms && {
      edges: numbers(view.histograms.edges),
      shares: unpack(view.histograms.shares),
    },
  };
}

/** The largest |w|; 0 where none is finite. */
export function largestOf(values: Float64Array): number {
  const [low, high] = extent(values);
  return Number.isNaN(low) ? 0 : Math.max(Math.abs(low), Math.abs(high));
}

/** The last of a network's moments by then. */
export function momentAt(network: { moments: Float64Array }, iteration: number): number {
  return lastAtMost(network.moments, iteration);
}

/** A layer's parameters at a moment: exact at the last one. */
export function parametersAt(layer: Layer, moment: number): Parameters {
  if (moment >= (layer.w.shape[0] ?? 0) - 1) return layer.end;
  const { inputs, units } = layer.end;
  return { inputs, units, w: row(layer.w, moment), b: row(layer.b, moment), step: layer.steps };
}

/** A value that is known in steps, to the digit that they reach: 0.1234 in steps of 0.02 is 0.12. */
export function inSteps(value: number, step: number): number {
  if (!(step > 0) || !Number.isFinite(value)) return value;
  return Number(value.toFixed(Math.min(20, Math.max(0, Math.ceil(-Math.log10(step))))));
}

/** The weights that lead to a unit. */
export function incoming({ w, inputs, units }: Parameters, unit: number): Float64Array {
  return Float64Array.from({ length: inputs }, (_, i) => w[i * units + unit] ?? NaN);
}

/** The weights that lead from a unit, or an input. */
export function outgoing({ w, units }: Parameters, input: number): Float64Array {
  return w.subarray(input * units, (input + 1) * units);
}

const BINS = 2048;

/**
 * The places of the `most` strongest weights among some, or of a few less where many are equal.
 * What is not finite counts as strongest.
 */
export function strongest(w: Float64Array, among: ArrayLike<number>, most: number): number[] {
  if (among.length <= most) return Array.from(among);
  let largest = 0;
  for (let k = 0; k < among.length; k++) {
    const size = Math.abs(w[among[k] as number] as number);
    if (size > largest && size < Infinity) largest = size;
  }
  const bin = (at: number): number => {
    const size = Math.abs(w[at] as number);
    return Number.isFinite(size) ? Math.floor(((BINS - 2) * size) / (largest || 1)) : BINS - 1;
  };
  const counts = new Uint32Array(BINS);
  for (let k = 0; k < among.length; k++) {
    const place = bin(among[k] as number);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  let [least, found] = [BINS, 0];
  while (least > 0 && found + (counts[least - 1] ?? 0) <= most) found += counts[--least] ?? 0;
  const kept: number[] = [];
  for (let k = 0; k < among.length; k++) {
    if (bin(among[k] as number) >= least) kept.push(among[k] as number);
  }
  return kept.length
    ? kept
    : Array.from(among)
        .filter((at) => bin(at) === least - 1)
        .slice(0, most);
}

/** Where the pixel of an input lies: (row, column, colour); null where the input is no image. */
export function pixelOf(shape: readonly number[] | null, input: number): number[] | null {
  if (!shape) return null;
  const [, width = 1, colours = 1] = shape;
  const place = Math.floor(input / colours);
  return [Math.floor(place / width), place % width, input % colours];
}

/** Units of a layer, 0 for the input. */
export function unitsOf(network: NetworkView, layer: number): number {
  return layer === 0 ? network.inputs : (network.layers[layer - 1]?.units ?? 0);
}
