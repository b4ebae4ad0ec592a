/** The lessons on slopes: the way down, and the learning rate. */

import type { Lesson, Seen } from './lesson';

/** The lowest value at the step where the walk is, of any path. */
function low({ slope, slopeStep }: Seen): number {
  const values = slope?.paths.map(
    ({ values: { data } }) => data[Math.min(slopeStep, data.length - 1)],
  );
  return Math.min(...(values ?? []).map((value) => value ?? Infinity), Infinity);
}

function rate({ slope }: Seen): number {
  return slope?.paths[0]?.learning_rate ?? NaN;
}

/** The steps from a start that is high to a value that is low; Infinity for other functions too. */
function steps({ slope }: Seen, formula: string, [high, low]: readonly [number, number]): number {
  const values = Array.from(slope?.paths[0]?.values.data ?? []);
  if (slope?.slope.formula !== formula || !((values[0] ?? 0) > high)) return Infinity;
  const first = values.findIndex((value) => value < low);
  return first < 0 ? Infinity : first;
}

const SGD = { optimizers: ['sgd'], gradient: 'exact' } as const;
const bowl = { ...SGD, optimizers: ['sgd'], formula: 'bowl', start: [3, 4] };
const line = { ...SGD, optimizers: ['sgd'], formula: 'x^2', start: [1.5] };
const ellipse = { ...SGD, optimizers: ['sgd'], formula: 'ellipse', start: [-7, 2] };

export const slope: Lesson = {
  name: 'slope',
  readings: [
    { book: 'saito', part: '4.3, 4.4' },
    { book: 'okatani', part: '(3.3)' },
  ],
  screens: [
    {
      text: 'l_slope_1',
      set: { bench: 'slope', setting: { ...line, learning_rates: [0.1] } },
      task: { text: 'l_slope_1_task', done: (seen) => seen.slopeStep >= 5 && low(seen) < 0.5 },
    },
    {
      text: 'l_slope_2',
      set: { bench: 'slope', setting: { ...bowl, learning_rates: [0.1] } },
      task: {
        text: 'l_slope_2_task',
        done: (seen) => seen.since('slope_start') > 0,
      },
    },
    {
      text: 'l_slope_3',
      set: { bench: 'slope', setting: { ...ellipse, learning_rates: [0.5] } },
      task: {
        text: 'l_slope_3_task',
        done: ({ around, since }) => since('around') > 0 && around !== null,
      },
    },
    {
      text: 'l_slope_4',
      set: { bench: 'slope', setting: { ...bowl, learning_rates: [0.1] } },
      task: {
        text: 'l_slope_4_task',
        done: (seen) => rate(seen) === 0.1 && seen.slopeStep > 0 && low(seen) < 1e-4,
      },
    },
  ],
};

export const learningRate: Lesson = {
  name: 'learning-rate',
  readings: [{ book: 'saito', part: '4.4' }],
  screens: [
    {
      text: 'l_rate_1',
      set: { bench: 'slope', setting: { ...bowl, learning_rates: [0.01] } },
      task: { text: 'l_rate_1_task', done: (seen) => steps(seen, 'bowl', [1, 0.01]) <= 10 },
    },
    {
      text: 'l_rate_2',
      set: { bench: 'slope', setting: { ...bowl, learning_rates: [0.1] } },
      task: {
        text: 'l_rate_2_task',
        done: ({ slope }) => slope?.paths[0]?.stopped === 'diverged',
      },
    },
    {
      text: 'l_rate_3',
      set: { bench: 'slope', setting: { ...ellipse, learning_rates: [1.05] } },
      task: {
        text: 'l_rate_3_task',
        done: (seen) =>
          seen.slope?.paths[0]?.stopped !== 'diverged' && steps(seen, 'ellipse', [1, 0.01]) <= 60,
      },
    },
    {
      text: 'l_rate_4',
      set: { bench: 'slope', setting: { ...ellipse, learning_rates: [0.9] } },
      task: {
        text: 'l_rate_4_task',
        done: ({ slope, slopeStep }) => (slope?.paths.length ?? 0) >= 3 && slopeStep >= 20,
      },
    },
  ],
};
