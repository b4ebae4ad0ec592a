/** The lessons on one unit: activations, and the valley of its loss. */

import type { Network } from '../messages';
import { last, type Lesson, type Seen } from './lesson';

const X = [-3, -2, -1, 0, 1, 2, 3];
const T = [0, 0, 0, 0, 1, 1, 1];
const unit = {
  x: X, t: T, activation: 'sigmoid', loss: 'squared_error', optimizer: 'sgd', learning_rate: 2,
}; // prettier-ignore

/** The loss at the step where the walk is. */
function loss({ neuron, neuronStep }: Seen): number {
  return neuron?.values.data[neuronStep] ?? Infinity;
}

const circles: Partial<Network> = {
  data: 'circles', hidden: [6], output: null, loss: null, initialiser: null, optimizer: 'sgd',
  learning_rate: 0.3, batch_size: 16, weight_decay: 0, seed: 0, gradient: 'backprop',
}; // prettier-ignore

export const activations: Lesson = {
  name: 'activations',
  readings: [{ book: 'saito', part: '3.2' }],
  screens: [
    {
      text: 'l_act_1',
      set: { bench: 'neuron', setting: { ...unit, start: [-1.5, 2] } },
      task: { text: 'l_act_1_task', done: (seen) => seen.neuronStep > 0 && loss(seen) < 0.01 },
    },
    {
      text: 'l_act_2',
      set: { bench: 'neuron', setting: { ...unit, activation: 'step', start: [-1.5, 2] } },
      task: {
        text: 'l_act_2_task',
        done: (seen) => seen.neuron?.neuron.activation === 'step' && loss(seen) === 0,
      },
    },
    {
      text: 'l_act_3',
      set: { bench: 'neuron', setting: { ...unit, start: [-10, 10] } },
      task: {
        text: 'l_act_3_task',
        done: (seen) =>
          seen.neuron?.neuron.activation === 'sigmoid' && last(seen.neuron.values) < 0.01,
      },
    },
    {
      text: 'l_act_4',
      set: {
        bench: 'network',
        setting: { ...circles, activations: ['identity'] },
      },
      task: {
        text: 'l_act_4_task',
        done: ({ made, frame }) =>
          made?.network.data === 'circles' && frame !== null && last(frame.train_accuracy) >= 0.95,
      },
    },
  ],
};

export const neuron: Lesson = {
  name: 'neuron',
  readings: [{ book: 'saito', part: '4.2, 4.4' }],
  screens: [
    {
      text: 'l_neuron_1',
      set: { bench: 'neuron', setting: { ...unit, start: [-1.5, 2] } },
      task: {
        text: 'l_neuron_1_task',
        done: ({ neuron, since }) =>
          since('neuron_ball') > 0 && (neuron?.values.data[0] ?? Infinity) < 0.02,
      },
    },
    {
      text: 'l_neuron_2',
      set: { bench: 'neuron', setting: { ...unit, start: [1, 3] } },
      task: {
        text: 'l_neuron_2_task',
        done: (seen) => !seen.neuronRuns && seen.neuronStep >= 1 && seen.neuronStep <= 5,
      },
    },
    {
      text: 'l_neuron_3',
      set: { bench: 'neuron', setting: { ...unit, start: [-1.5, 2] } },
      task: {
        text: 'l_neuron_3_task',
        done: ({ neuron, since }) =>
          since('neuron_data') > 0 && neuron !== null && last(neuron.values) > 0.03,
      },
    },
    {
      text: 'l_neuron_4',
      set: {
        bench: 'neuron',
        setting: { ...unit, activation: 'identity', learning_rate: 0.1, start: [-2, 3] },
      },
      task: {
        text: 'l_neuron_4_task',
        done: ({ neuron }) =>
          neuron?.neuron.activation === 'identity' && neuron.stopped === 'diverged',
      },
    },
  ],
};
