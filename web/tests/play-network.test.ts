import { describe, expect, it } from 'vitest';
import { deltaFormulas, forwardFormulas, value } from '../src/play/network/formulas';
import { isSmall, layoutOf } from '../src/play/network/layout';
import { nameOf, texOf, valueAt, weightsTo } from '../src/play/network/parameters';
import { advanced, following, isShown, returned, START } from '../src/play/network/phases';
import { flipped, stroked } from '../src/play/network/pixels';
import { answerAt, classAt } from '../src/play/network/regions';
import { DEFAULT, leftOpen } from '../src/play/network/setting';
import type { Frame, LookView, NetworkMade } from '../src/play/messages';

const numbers = (shape: number[], data: number[]) => ({ shape, data: Float64Array.from(data) });

describe('the phases of an iteration', () => {
  it('go through each example of the mini-batch, and then update', () => {
    const places: string[] = [];
    let [place, example] = [START as Parameters<typeof advanced>[0], 0];
    for (;;) {
      const next = advanced(place, 'example', example, 2);
      if (next.kind === 'learn') break;
      [place, example] = [next.place, next.example];
      places.push(`${place} ${example}`);
    }
    expect(places).toEqual([
      'forward 0',
      'loss 0',
      'backward 0',
      'forward 1',
      'loss 1',
      'backward 1',
      'update 1',
    ]);
  });

  it('learn at once at the other paces', () => {
    const learnt = { kind: 'learn', place: START };
    expect(advanced(START, 'batch', 0, 8)).toEqual({ ...learnt, unit: 'iteration' });
    expect(advanced(START, 'epoch', 0, 8)).toEqual({ ...learnt, unit: 'epoch' });
  });

  it('go on to forward of the next mini-batch, and say so', () => {
    const next = { kind: 'learn', unit: 'iteration', place: 'forward' };
    expect(advanced('update', 'example', 7, 8)).toEqual(next);
    expect(following(START, 0, 8)).toBe('forward');
    expect(following('backward', 0, 8)).toBe('next_example');
    expect(following('backward', 7, 8)).toBe('update');
    expect(following('update', 7, 8)).toBe('next_batch');
    // The last mini-batch of an epoch is smaller.
    expect(following('backward', 5, 4)).toBe('update');
  });

  it('go back the same way', () => {
    expect(returned(START, 'example', 0)).toBeNull();
    expect(returned('forward', 'batch', 0)).toBeNull();
    expect(returned('forward', 'example', 1)).toEqual({ place: 'backward', example: 0 });
    expect(returned('forward', 'example', 0)).toEqual({ place: START, example: 0 });
    expect(returned('update', 'example', 3)).toEqual({ place: 'backward', example: 3 });
  });

  it('show what has been computed, and no more', () => {
    expect(isShown('loss', 'example', 'forward')).toBe(true);
    expect(isShown('loss', 'example', 'backward')).toBe(false);
    expect(isShown(START, 'batch', 'update')).toBe(true);
  });
});

describe('parameters', () => {
  const frame = {
    layers: [{ w: numbers([2, 3], [1, 2, 3, 4, 5, 6]), b: numbers([3], [7, 8, 9]) }],
  } as unknown as Frame;

  it('are found by the places of the books', () => {
    expect(valueAt(frame.layers, { layer: 2, i: 2, j: 3 })).toBe(6);
    expect(valueAt(frame.layers, { layer: 2, i: 1, j: 2 })).toBe(2);
    expect(valueAt(frame.layers, { layer: 2, i: null, j: 2 })).toBe(8);
    expect(valueAt(frame.layers, { layer: 3, i: 1, j: 1 })).toBeNaN();
    expect(weightsTo(frame, 2, 2)).toEqual([2, 5]);
  });

  it('are named as there', () => {
    expect(nameOf({ layer: 2, i: 3, j: 1 })).toBe('w²₁₃');
    expect(nameOf({ layer: 2, i: 12, j: 1 })).toBe('w²₁,₁₂');
    expect(nameOf({ layer: 3, i: null, j: 2 })).toBe('b³₂');
    expect(texOf({ layer: 2, i: 12, j: 1 })).toBe('w^{2}_{1,12}');
  });

  it('are written as LaTeX has numbers', () => {
    expect(value(-0.25)).toBe('-0.25');
    expect(value(1.5e-7)).toBe('1.5\\times 10^{-7}');
    expect(value(1e-7)).toBe('10^{-7}');
    expect(value(12345)).toBe('12{,}345');
    expect(value(NaN)).toBe('\\mathrm{NaN}');
  });
});

describe('the setting', () => {
  const asked = { ...DEFAULT, hidden: [3, 4], activations: ['relu', 'tanh'], batch_size: 50 };
  const made = {
    ...asked, output: 'softmax', loss: 'cross_entropy', learning_rate: 0.1, batch_size: 16,
  }; // prettier-ignore

  it('leaves to koubai what was left to it', () => {
    expect(leftOpen(made, asked)).toEqual({ ...made, output: null, loss: null });
    const half = { ...asked, loss: 'cross_entropy' };
    expect(leftOpen(made, half)).toEqual({ ...made, output: null });
  });

  it('is what was made where that was not asked for here', () => {
    expect(leftOpen(made, null)).toBe(made);
    const other = { ...made, seed: 5 };
    expect(leftOpen(other, asked)).toBe(other);
  });
});

describe('formulas with the numbers put in', () => {
  const sigmoid = String.raw`a = \frac{1}{1 + e^{-z}}`;
  const made = {
    network: { ...DEFAULT, loss: 'squared_error' },
    sizes: [2, 1, 2],
    activations: ['sigmoid', 'sigmoid'],
    formulas: { sigmoid, softmax: String.raw`a_k = \frac{e^{z_k}}{\sum_i e^{z_i}}` },
  } as unknown as NetworkMade;
  const frame = {
    layers: [
      { w: numbers([2, 1], [0.5, -0.25]), b: numbers([1], [0.125]) },
      { w: numbers([1, 2], [2, -1]), b: numbers([2], [0, 0]) },
    ],
  } as unknown as Frame;
  const look = {
    x: numbers([2], [1, 3]),
    t: numbers([2], [1, 0]),
    z: [numbers([1], [-0.125]), numbers([2], [0.9375, -0.46875])],
    a: [numbers([1], [0.4688]), numbers([2], [0.7186, 0.3849])],
    slopes: [numbers([1], [0.249]), numbers([2], [0.2022, 0.2367])],
    deltas: [numbers([1], [-0.05]), numbers([2], [-0.0569, 0.0911])],
  } as unknown as LookView;
  const delta = (of: NetworkMade, layer: number, seen = look) =>
    deltaFormulas(of, frame, seen, layer, 1).at(-1);

  it('say what an activation is', () => {
    const lines = forwardFormulas(made, frame, look, 2, 1);
    expect(lines[1]).toMatch(/= \(0\.5\)\(1\) \+ \(-0\.25\)\(3\) \+ \(0\.125\) = -0\.125$/);
    expect(lines[2]).toContain('(-0.125) = 0.4688,');
    expect(lines[2]).toMatch(/\(z\) = \\frac\{1\}\{1 \+ e\^\{-z\}\}$/);
    const soft = { ...made, activations: ['sigmoid', 'softmax'] };
    expect(forwardFormulas(soft, frame, look, 3, 1)[2]).toContain('softmax}_k(\\boldsymbol{z}) =');
    expect(forwardFormulas({ ...made, formulas: {} }, frame, look, 2, 1)[2]).toMatch(/0\.4688$/);
  });

  it("have a number for φ'(z) in δ", () => {
    expect(delta(made, 3)).toMatch(/ = \(0\.7186 - 1\)\(0\.2022\) = -0\.0569$/);
    expect(delta(made, 2)).toMatch(
      /\\bigl\(\(2\)\(-0\.0569\) \+ \(-1\)\(0\.0911\)\\bigr\)\(0\.249\) = -0\.05$/,
    );
    const mean = { ...made, network: { ...made.network, loss: 'mean_squared_error' } };
    expect(delta(mean, 3)).toContain('= \\tfrac{2}{2}(0.7186 - 1)(0.2022) =');
  });

  it('have none where the loss suits the activation, or a layer is of one piece', () => {
    const suits = { ...made, network: { ...made.network, loss: 'binary_cross_entropy' } };
    expect(delta(suits, 3)).toMatch(/ = \(0\.7186 - 1\) = -0\.0569$/);
    const none = { ...look, slopes: [numbers([0], []), numbers([0], [])] };
    for (const [layer, found] of [
      [3, '-0.0569'],
      [2, '-0.05'],
    ] as const) {
      const line = delta(made, layer, none) ?? '';
      expect(line.endsWith(`\\partial z^{${layer}}_{1}} = ${found}`)).toBe(true);
    }
  });
});

describe('the diagram of a small network', () => {
  it('is drawn where its numbers can be read', () => {
    expect(isSmall([12, 3, 2])).toBe(true);
    expect(isSmall([64, 3, 2])).toBe(false);
    expect(isSmall([2, 9, 2])).toBe(false);
  });

  it('has a number at every line, none over another', () => {
    const { wires, width } = layoutOf([12, 3, 2], 700);
    expect(wires).toHaveLength(42);
    const labels = wires.flatMap(({ label }) => (label ? [label] : []));
    expect(labels).toHaveLength(42);
    for (const [k, a] of labels.entries()) {
      expect(a.x).toBeLessThan(width);
      for (const b of labels.slice(k + 1)) {
        expect(Math.abs(a.x - b.x) > 44 || Math.abs(a.y - b.y) > 13).toBe(true);
      }
    }
  });

  it('leaves numbers out where there is no room', () => {
    expect(layoutOf([2, 8, 1], 700).wires.filter(({ label }) => label)).toHaveLength(8);
  });
});

describe('pictures drawn by hand', () => {
  it('flip a pixel', () => {
    expect(flipped([0, 1, 0], 1, 1)).toEqual([0, 0, 0]);
    expect(flipped([0, 1, 0], 2, 1)).toEqual([0, 1, 1]);
  });

  it('are dark beneath the stroke, and keep what was drawn', () => {
    const grid = { rows: 8, columns: 8 };
    const blank = new Array<number>(64).fill(0);
    const drawn = stroked(blank, grid, [1.5, 4.5], [6.5, 4.5], 1);
    expect(drawn[4 * 8 + 4]).toBe(1);
    expect(drawn[0]).toBe(0);
    const more = stroked(drawn, grid, [0.5, 0.5], [0.5, 0.5], 1);
    expect(more[4 * 8 + 4]).toBe(1);
    expect(more[0]).toBe(1);
  });
});

describe('regions', () => {
  it('are of the largest output, or of the side of one half', () => {
    const outputs = numbers([1, 2, 3], [0.1, 0.7, 0.2, 0.5, 0.3, 0.2]);
    expect(answerAt(outputs, 0)).toEqual({ of: 1, sure: expect.closeTo(0.5) });
    expect(answerAt(outputs, 1)).toEqual({ of: 0, sure: expect.closeTo(0.2) });
    expect(answerAt(numbers([1, 1, 1], [0.9]), 0)).toEqual({ of: 1, sure: expect.closeTo(0.8) });
  });

  it('have examples by label or by targets', () => {
    expect(classAt(numbers([2], [0, 2]), 1)).toBe(2);
    expect(classAt(numbers([2, 2], [1, 0, 0, 1]), 1)).toBe(1);
  });
});
