/** What the parts of "inside the network" share: the weights now, and the unit that is chosen. */

import { getContext, setContext } from 'svelte';
import { numbers } from '../lib/arrays';
import { number } from '../lib/format';
import type { View } from '../lib/view.svelte';
import type { NetworkView } from '../scene';
import {
  inSteps, largestOf, layerOf, momentAt, parametersAt, pixelOf, unitsOf, type Layer, type Parameters,
} from './weights'; // prettier-ignore

/** A unit: layer 0 is the input. */
export interface Place {
  layer: number;
  unit: number;
}

const KEY = Symbol('network');

export class Inside {
  readonly view: View;
  readonly network: NetworkView;
  readonly layers: readonly Layer[];
  readonly moments: Float64Array;

  chosen: Place = $state({ layer: 1, unit: 0 });
  /** The unit beneath the pointer, or with the keyboard's focus. */
  pointed: Place | null = $state(null);

  private readonly live: (() => readonly Parameters[]) | null;

  /** live: the parameters now, of a network that learns; without it those of the view's moment. */
  constructor(view: View, network: NetworkView, live: (() => readonly Parameters[]) | null = null) {
    this.view = view;
    this.network = network;
    this.live = live;
    this.layers = network.layers.map(layerOf);
    this.moments = numbers(network.moments);
  }

  readonly moment = $derived.by(() => momentAt(this, this.view.iteration));
  readonly now = $derived.by(
    () => this.live?.() ?? this.layers.map((layer) => parametersAt(layer, this.moment)),
  );
  /** The largest |w| of each layer: of all moments, or, where it learns, of now. */
  readonly largest = $derived.by(() =>
    this.live ? this.now.map(({ w }) => largestOf(w)) : this.layers.map((layer) => layer.largest),
  );

  choose(layer: number, unit: number): void {
    this.chosen = { layer, unit };
  }

  /** A weight or bias of a layer above the input; where it is told in steps, no finer than they. */
  written(value: number, layer: number): string {
    return number(inSteps(value, this.now[layer - 1]?.step ?? 0));
  }

  /** The same behind its sign: = 0.1234, or ≈ 0.12. */
  is(value: number, layer: number): string {
    return `${this.now[layer - 1]?.step ? '≈' : '='} ${this.written(value, layer)}`;
  }

  /** What a unit is called: by its class, its column or its pixel where it has one. */
  nameOf(layer: number, unit: number): string {
    const { network, view } = this;
    if (layer === 0) return network.input_names[unit] ?? this.nameOfPixel(unit);
    const plain = view.word('net_unit', { number: unit + 1 });
    const isOutput = layer === network.layers.length;
    const isNamed = isOutput && unitsOf(network, layer) === network.classes.length;
    return isNamed ? `${plain} (${network.classes[unit] ?? ''})` : plain;
  }

  private nameOfPixel(unit: number): string {
    const pixel = pixelOf(this.network.image_shape, unit);
    if (!pixel) return this.view.word('net_input', { number: unit + 1 });
    const [row = 0, column = 0, colour = 0] = pixel;
    const place = this.view.word('net_pixel', { row: row + 1, column: column + 1 });
    return (this.network.image_shape?.[2] ?? 1) > 1 ? `${place}, ${this.colour(colour)}` : place;
  }

  /** The name of a colour of an image. */
  colour(index: number): string {
    return this.view.word((['net_red', 'net_green', 'net_blue'] as const)[index] ?? 'net_red');
  }
}

export function shareInside(inside: Inside): Inside {
  return setContext(KEY, inside);
}

export function useInside(): Inside {
  return getContext<Inside>(KEY);
}
