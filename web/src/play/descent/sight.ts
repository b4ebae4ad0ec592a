/** What koubai answers as the viewer's drawings take it: a terrain, and paths on it. */

import type { Terrain, Vector } from '../../valley/terrain';
import type { Track } from '../../valley/tracks';
import type { Sight } from '../../valley/state.svelte';
import type { NeuronView, SlopePath, SlopeView } from '../messages';
import type { Numbers } from '../wire';

export function floats({ data }: Numbers): Float64Array {
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

/** Row k of a table. */
export function row({ data, shape }: Numbers, k: number): number[] {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return Array.from(data.subarray(k * size, (k + 1) * size));
}

/** The rows of a table of one or two columns; 0 stands for the second where there is none. */
export function vectors({ data, shape }: Numbers): Vector[] {
  const [count = 0, columns = 1] = shape;
  return Array.from({ length: count }, (_, k): Vector => [
    data[k * columns] ?? NaN,
    columns > 1 ? (data[k * columns + 1] ?? NaN) : 0,
  ]);
}

/** The name is data: it is the same in each language. */
function axis(name: string): Sight['axes'][number] {
  const text = { en: name, ja: name };
  return { label: text, short: text };
}

function terrain(axes: readonly Numbers[], values: Numbers, slopes: Numbers): Terrain {
  const [alpha, beta] = axes.map(floats);
  return {
    alpha: alpha ?? new Float64Array(1),
    beta: beta ?? new Float64Array(1),
    values: floats(values),
    errors: null,
    slopes: floats(slopes),
    gram: [1, 0, 1],
  };
}

function track(name: string, path: Pick<SlopePath, 'points' | 'values' | 'gradients'>): Track {
  const values = floats(path.values);
  return {
    name,
    points: vectors(path.points),
    iterations: Float64Array.from(values, (_, k) => k),
    values,
    beneath: values,
    distances: new Float64Array(values.length),
    share: 1,
    gradients: vectors(path.gradients),
  };
}

/** A function and the descents on it; names: of the optimisers. */
export function ofSlope(view: SlopeView, names: readonly string[]): Sight {
  return {
    axes: view.variables.map(axis),
    metric: 'value',
    symbols: view.variables,
    walked: true,
    terrain: terrain(view.axes, view.values, view.slopes),
    tracks: view.paths.map((path, k) => track(names[k] ?? path.optimizer, path)),
  };
}

/** The loss of one unit over (w, b), and the descent on it. */
export function ofNeuron(view: NeuronView): Sight {
  return {
    axes: ['w', 'b'].map(axis),
    metric: 'loss',
    symbols: ['w', 'b'],
    walked: true,
    terrain: terrain(view.axes, view.losses, view.slopes),
    tracks: [track('', view)],
  };
}
