/** The lessons, by their names. */

import type { Lesson as Name } from '../state.svelte';
import type { Lesson } from './lesson';
import { backpropagation, digitsLesson, vanishing } from './networks';
import { finiteDifferences, softmax } from './outputs';
import { learningRate, slope } from './slopes';
import { activations, neuron } from './units';

export const LESSONS: Record<Name, Lesson> = {
  slope,
  'learning-rate': learningRate,
  activations,
  neuron,
  'finite-differences': finiteDifferences,
  softmax,
  backpropagation,
  digits: digitsLesson,
  'vanishing-gradients': vanishing,
};
