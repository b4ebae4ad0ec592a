/** A network that learns, in the form in which the viewer's diagram takes one. */

import type { Parameters } from '../../network/weights';
import type { Array as Packed, NetworkView } from '../../scene';
import type { DataChoice, Frame, NetworkMade } from '../messages';

export function networkOf({ sizes, activations }: NetworkMade, data: DataChoice): NetworkView {
  const [inputs = 0, ...above] = sizes;
  return {
    inputs,
    input_names: data.input_names,
    image_shape: data.image_shape,
    classes: data.classes,
    moments: none(),
    layers: above.map((units, k) => ({
      activation: activations[k] ?? '',
      units,
      w: none([sizes[k] ?? 0, units]),
      b: none([units]),
      w_moments: none(),
      b_moments: none(),
      histograms: null,
    })),
    looks: null,
  };
}

export function liveParameters(frame: Frame | null): Parameters[] {
  return (frame?.layers ?? []).map(({ w, b }) => ({
    inputs: w.shape[0] ?? 0,
    units: w.shape[1] ?? 0,
    w: Float64Array.from(w.data),
    b: Float64Array.from(b.data),
    step: 0,
  }));
}

/** Of the parameters themselves the diagram is told by every frame. */
function none(shape: number[] = [0]): Packed {
  return { type: 'f4', shape, data: '', scale: 1, offset: 0 };
}
