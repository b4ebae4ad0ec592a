/** The lessons on one example and three classes: gradients by differences, softmax. */

import type { Edit, Network } from '../messages';
import { last, type Lesson } from './lesson';

// Weights with which softmax(x W) is (0.127…, 0.832…, 0.040…) for x = (0.6, 0.9).
const WEIGHTS = [
  [0.5, 1, 0.2],
  [-0.180668, 1.573491, -1.242782],
];
const acts: Edit[] = WEIGHTS.flatMap((row, i) =>
  row.map((value, j): Edit => ({ type: 'edit', layer: 2, i: i + 1, j: j + 1, value })),
);
const single: Partial<Network> = {
  data: 'single', hidden: [], activations: [], output: null, loss: null, initialiser: 'zeros',
  optimizer: 'sgd', learning_rate: 0.1, batch_size: 1, weight_decay: 0, seed: 0,
  gradient: 'backprop',
}; // prettier-ignore

export const finiteDifferences: Lesson = {
  name: 'finite-differences',
  readings: [
    { book: 'saito', part: '4.3, 4.4' },
    { book: 'okatani', part: '4.4.3' },
  ],
  screens: [
    {
      text: 'l_diff_1',
      set: { bench: 'network', setting: single },
      acts,
      task: {
        text: 'l_diff_1_task',
        done: ({ since }) => since('phase_loss') > 0 || since('phase_backward') > 0,
      },
    },
    {
      text: 'l_diff_2',
      set: { bench: 'network', setting: single },
      acts,
      task: {
        text: 'l_diff_2_task',
        done: ({ explained, since }) =>
          since('explain') > 0 && explained !== null && explained.agrees,
      },
    },
    {
      text: 'l_diff_3',
      set: { bench: 'network', setting: single },
      acts,
      task: {
        text: 'l_diff_3_task',
        done: ({ explained, since }) => since('edit') > 0 && explained !== null,
      },
    },
  ],
};

export const softmax: Lesson = {
  name: 'softmax',
  readings: [
    { book: 'saito', part: '3.5, 4.2' },
    { book: 'okatani', part: '4.4, (2.9), (2.11)' },
  ],
  screens: [
    {
      text: 'l_soft_1',
      set: { bench: 'network', setting: single },
      acts,
      task: {
        text: 'l_soft_1_task',
        done: ({ since }) => since('phase_forward') > 0 || since('phase_loss') > 0,
      },
    },
    {
      text: 'l_soft_2',
      set: { bench: 'network', setting: single },
      acts,
      task: { text: 'l_soft_2_task', done: ({ since }) => since('phase_backward') > 0 },
    },
    {
      text: 'l_soft_3',
      set: { bench: 'network', setting: single },
      acts,
      task: {
        text: 'l_soft_3_task',
        done: ({ made, frame, since }) =>
          made?.network.data === 'single' &&
          since('advance') + since('run') > 0 &&
          frame !== null &&
          last(frame.train_loss) < 0.1,
      },
    },
  ],
};
