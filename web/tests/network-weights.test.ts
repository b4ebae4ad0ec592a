import { describe, expect, it } from 'vitest';
import type { Array as Packed, LayerView } from '../src/scene';
import {
  incoming,
  inSteps,
  layerOf,
  momentAt,
  outgoing,
  parametersAt,
  pixelOf,
  strongest,
} from '../src/network/weights';

function packed(values: number[], shape: number[]): Packed {
  const bytes = new Uint8Array(Float64Array.from(values).buffer);
  const data = btoa(String.fromCharCode(...bytes));
  return { type: 'f8', shape, data, scale: 1, offset: 0 };
}

// Two inputs, three units; row by row: the weights that lead from an input.
const view: LayerView = {
  activation: 'tanh',
  units: 3,
  w: packed([1, 2, 3, 4, 5, -6], [2, 3]),
  b: packed([7, 8, 9], [3]),
  w_moments: packed([0, 0, 0, 0, 0, -9, 1, 2, 3, 4, 5, -6.1], [2, 2, 3]),
  b_moments: packed([0, 0, 1, 7, 8, 9], [2, 3]),
  histograms: { edges: packed([0, 1], [2]), shares: packed([1, 1], [2, 1]) },
};

describe('the weights of a layer', () => {
  const layer = layerOf(view);

  it('are exact at the last moment, and as they were before it', () => {
    expect(parametersAt(layer, 1).w[5]).toBe(-6);
    expect(parametersAt(layer, 1).step).toBe(0);
    expect([...parametersAt(layer, 0).w]).toEqual([0, 0, 0, 0, 0, -9]);
    expect([...parametersAt(layer, 0).b]).toEqual([0, 0, 1]);
    expect(parametersAt(layer, 0).step).toBe(1);
  });

  it('lead to a unit by columns and from one by rows', () => {
    const now = parametersAt(layer, 1);
    expect([...incoming(now, 2)]).toEqual([3, -6]);
    expect([...outgoing(now, 1)]).toEqual([4, 5, -6]);
  });

  it('have one scale for all moments', () => {
    expect(layer.largest).toBe(9);
  });
});

it('the moment is the last one by then', () => {
  const network = { moments: Float64Array.of(0, 100, 250) };
  expect([0, 99, 100, 249, 250, 999].map((now) => momentAt(network, now))).toEqual([0, 0, 1, 1, 2, 2]);
}); // prettier-ignore

describe('the strongest weights', () => {
  const w = Float64Array.of(0.1, -5, 2, 0, -3, 1);
  const all = [0, 1, 2, 3, 4, 5];

  it('are so many, whatever their sign', () => {
    expect(strongest(w, all, 3)).toEqual([1, 2, 4]);
    expect(strongest(w, all, 9)).toEqual(all);
    expect(strongest(w, [0, 3, 5], 1)).toEqual([5]);
  });

  it('are not more where many are equal, and not none', () => {
    expect(strongest(new Float64Array(100).fill(1), Array.from(new Array(100).keys()), 7)).toHaveLength(7);
  }); // prettier-ignore

  it('count what is not finite first', () => {
    expect(strongest(Float64Array.of(1, NaN, 3, Infinity), [0, 1, 2, 3], 3)).toEqual([1, 2, 3]);
  });
});

it('a value in steps is told no finer than they', () => {
  expect(inSteps(0.1234, 0.02)).toBe(0.12);
  expect(inSteps(2.7e-5, 0.004)).toBe(0);
  expect(inSteps(12.34, 3)).toBe(12);
  expect(inSteps(0.1234, 0)).toBe(0.1234);
  expect(inSteps(NaN, 0.1)).toBeNaN();
});

it('the pixel of an input is counted row by row, its colours last', () => {
  expect(pixelOf([8, 8], 17)).toEqual([2, 1, 0]);
  expect(pixelOf([2, 4, 3], 17)).toEqual([1, 1, 2]);
  expect(pixelOf(null, 3)).toBeNull();
});
