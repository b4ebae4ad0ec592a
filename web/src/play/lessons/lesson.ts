/** What a lesson is made of: screens, each with a text, a bench set for it, and perhaps a task. */

import type { Around, Edit, Explanation, Frame, NetworkMade, NeuronView, SlopeView,
} from '../messages'; // prettier-ignore
import type { Bench, Lesson as Name, PlayWord, Settings } from '../state.svelte';

/** What a task may look at. */
export interface Seen {
  readonly slope: SlopeView | null;
  readonly slopeStep: number;
  readonly around: Around | null;
  readonly neuron: NeuronView | null;
  readonly neuronStep: number;
  /** Whether the neuron's ball goes on by itself. */
  readonly neuronRuns: boolean;
  readonly made: NetworkMade | null;
  readonly frame: Frame | null;
  /** The last check of a gradient, as long as it is of the parameters as they are. */
  readonly explained: Explanation | null;
  /** How often something was done since the screen was opened. */
  since(act: string): number;
}

export interface Task {
  readonly text: PlayWord;
  readonly done: (seen: Seen) => boolean;
}

interface Set<B extends Bench> {
  readonly bench: B;
  readonly setting: Settings[B];
}

export interface Screen {
  readonly text: PlayWord;
  /** How the bench is set when the screen is opened; without it, it stays as it is. */
  readonly set?: Set<'slope'> | Set<'neuron'> | Set<'network'>;
  /** What is done to the network then. */
  readonly acts?: readonly Edit[];
  readonly task?: Task;
}

/** A book, and the part of it that a lesson accompanies. */
export interface Reading {
  readonly book: 'saito' | 'okatani' | 'wakui';
  readonly part: string;
}

export interface Lesson {
  readonly name: Name;
  readonly readings: readonly Reading[];
  readonly screens: readonly Screen[];
}

export const BOOKS: Record<Reading['book'], string> = {
  saito: '斎藤『ゼロから作る Deep Learning』',
  okatani: '岡谷『深層学習』',
  wakui: '涌井・涌井『ディープラーニングがわかる数学入門』',
};

/** The last of a row of numbers; NaN for none. */
export function last({ data }: { readonly data: ArrayLike<number> }): number {
  return data[data.length - 1] ?? NaN;
}
