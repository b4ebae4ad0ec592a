/** The lessons on whole networks: backpropagation, digits, vanishing gradients. */

import type { Network } from '../messages';
import { last, type Lesson, type Seen } from './lesson';

const common: Partial<Network> = {
  output: null, loss: null, initialiser: null, optimizer: 'sgd', weight_decay: 0, seed: 0,
  gradient: 'backprop',
}; // prettier-ignore
const small: Partial<Network> = {
  ...common, data: 'bitmaps', hidden: [3], activations: ['sigmoid'], output: 'sigmoid',
  loss: 'squared_error', learning_rate: 0.5, batch_size: 1,
}; // prettier-ignore
const digits: Partial<Network> = {
  ...common, data: 'digits', hidden: [50], activations: ['sigmoid'], learning_rate: 0.1,
  batch_size: 100,
}; // prettier-ignore
const deep: Partial<Network> = {
  ...common, data: 'digits', hidden: Array<number>(6).fill(20), learning_rate: 0.1,
  activations: Array<string>(6).fill('sigmoid'), batch_size: 32,
}; // prettier-ignore

function isOn({ made }: Seen, data: string): boolean {
  return made?.network.data === data;
}

function isDeep(seen: Seen): boolean {
  return isOn(seen, 'digits') && (seen.made?.network.hidden.length ?? 0) >= 6;
}

function allAre({ made }: Seen, activation: string): boolean {
  return made?.network.activations.every((each) => each === activation) ?? false;
}

function accuracy(frame: Seen['frame'], of: 'train_accuracy' | 'test_accuracy'): number {
  return frame ? last(frame[of]) : NaN;
}

export const backpropagation: Lesson = {
  name: 'backpropagation',
  readings: [
    { book: 'okatani', part: '4.1, 4.2, 4.3' },
    { book: 'wakui', part: '3-1' },
  ],
  screens: [
    {
      text: 'l_back_1',
      set: { bench: 'network', setting: small },
      task: {
        text: 'l_back_1_task',
        done: ({ since }) => since('phase_forward') > 0 || since('phase_loss') > 0,
      },
    },
    {
      text: 'l_back_2',
      set: { bench: 'network', setting: small },
      task: {
        text: 'l_back_2_task',
        done: ({ since, explained }) => since('explain') > 0 && Boolean(explained?.paths),
      },
    },
    {
      text: 'l_back_3',
      set: { bench: 'network', setting: small },
      task: { text: 'l_back_3_task', done: ({ since }) => since('phase_backward') > 0 },
    },
    {
      text: 'l_back_4',
      task: {
        text: 'l_back_4_task',
        done: ({ since, explained }) => since('explain') > 0 && explained?.agrees === true,
      },
    },
    {
      text: 'l_back_5',
      set: { bench: 'network', setting: { ...small, batch_size: 8 } },
      task: {
        text: 'l_back_5_task',
        done: (seen) => isOn(seen, 'bitmaps') && accuracy(seen.frame, 'train_accuracy') >= 0.95,
      },
    },
  ],
};

export const digitsLesson: Lesson = {
  name: 'digits',
  readings: [{ book: 'saito', part: '4.2, 4.5' }],
  screens: [
    {
      text: 'l_digits_1',
      set: { bench: 'network', setting: digits },
      task: {
        text: 'l_digits_1_task',
        done: (seen) => isOn(seen, 'digits') && (seen.frame?.epoch ?? 0) >= 1,
      },
    },
    {
      text: 'l_digits_2',
      set: { bench: 'network', setting: digits },
      task: {
        text: 'l_digits_2_task',
        done: (seen) => isOn(seen, 'digits') && accuracy(seen.frame, 'test_accuracy') >= 0.9,
      },
    },
    {
      text: 'l_digits_3',
      task: { text: 'l_digits_3_task', done: ({ since }) => since('own_input') > 0 },
    },
    {
      text: 'l_digits_4',
      set: {
        bench: 'network',
        setting: {
          ...digits,
          hidden: [100],
          activations: ['relu'],
          learning_rate: 0.3,
          batch_size: 32,
        },
      },
      task: {
        text: 'l_digits_4_task',
        done: (seen) =>
          isOn(seen, 'digits') &&
          accuracy(seen.frame, 'train_accuracy') === 1 &&
          accuracy(seen.frame, 'test_accuracy') < 1,
      },
    },
  ],
};

export const vanishing: Lesson = {
  name: 'vanishing-gradients',
  readings: [{ book: 'okatani', part: '4.5' }],
  screens: [
    {
      text: 'l_van_1',
      set: { bench: 'network', setting: deep },
      task: { text: 'l_van_1_task', done: ({ since }) => since('advance') + since('run') > 0 },
    },
    {
      text: 'l_van_2',
      set: { bench: 'network', setting: deep },
      task: {
        text: 'l_van_2_task',
        done: (seen) => isDeep(seen) && allAre(seen, 'sigmoid') && (seen.frame?.epoch ?? 0) >= 3,
      },
    },
    {
      text: 'l_van_3',
      set: { bench: 'network', setting: deep },
      task: {
        text: 'l_van_3_task',
        done: (seen) => isDeep(seen) && accuracy(seen.frame, 'train_accuracy') >= 0.8,
      },
    },
  ],
};
