/** The neuron bench: the unit, its data, what was answered, and where the ball is. */

import { untrack } from 'svelte';
import { ofNeuron } from '../descent/sight';
import { Walk } from '../descent/walk.svelte';
import type { Neuron, NeuronView } from '../messages';
import type { Play } from '../state.svelte';
import { added, moved, removed, type Data } from './data';

export const FIRST: Neuron = {
  x: [-3, -2, -1, 0, 1, 2, 3],
  t: [0, 0, 0, 0, 1, 1, 1],
  activation: 'sigmoid',
  loss: 'squared_error',
  optimizer: 'sgd',
  learning_rate: 2,
  start: [-1.5, 2],
};

export class NeuronBench {
  readonly page: Play;
  readonly walk: Walk;
  setting: Neuron = $state.raw(FIRST);
  /** The example that is looked at, in the plot and in the table. */
  pointed: number | null = $state(null);
  private shown: Neuron | null = null;

  constructor(page: Play) {
    this.page = page;
    this.walk = new Walk(page);
  }

  get answer(): NeuronView | null {
    return this.page.neuron;
  }

  /** Learns with something changed. Where that is refused, all stays as it was. */
  async set(change: Partial<Neuron>): Promise<void> {
    this.setting = { ...this.setting, ...change };
    this.page.refusals.delete('neuron'); // of a setting before this one
    await this.page.askNewest('neuron', { type: 'set_neuron', neuron: this.setting });
    if (this.page.refusals.has('neuron') && this.answer) this.setting = this.answer.neuron;
  }

  /** Puts the ball elsewhere: another curve, from which learning starts. */
  place([w, b]: readonly [number, number]): void {
    this.page.did('neuron_ball');
    void this.set({ start: [Number(w.toFixed(3)), Number(b.toFixed(3))] });
  }

  add(at: readonly [number, number]): void {
    this.page.did('neuron_data');
    this.change(added(this.setting, at, this.page.hello?.most_points ?? 200));
  }

  move(i: number, to: readonly [number, number]): void {
    this.page.did('neuron_data');
    this.change(moved(this.setting, i, to));
  }

  remove(i: number): void {
    this.page.did('neuron_data');
    this.pointed = null;
    this.change(removed(this.setting, i));
  }

  /** Takes an answer into the drawings. */
  show(answer: NeuronView): void {
    const { neuron } = answer;
    const anew = String(this.shown?.start) !== String(neuron.start);
    untrack(() => this.walk.show(ofNeuron(answer), anew));
    this.shown = neuron;
    this.page.keep('neuron', neuron);
  }

  private change({ x, t }: Data): void {
    void this.set({ x: [...x], t: [...t] });
  }
}

const benches = new WeakMap<Play, NeuronBench>();

/** The page's neuron bench, which stays while another is shown. */
export function neuronOf(page: Play): NeuronBench {
  const known = benches.get(page) ?? new NeuronBench(page);
  benches.set(page, known);
  return known;
}
