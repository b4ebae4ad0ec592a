/** A fact of the scene in words: its name, its value with a unit, and what it means. */

import { count, duration, number, percent } from './format';
import { opened } from './sentences';
import type { View } from './view.svelte';
import type { Fact } from '../scene';

export interface ToldFact {
  key: string;
  name: string;
  value: string;
  meaning: string;
}

type Writer = (value: number) => string;

const WRITERS: Record<string, Writer> = {
  test_accuracy: (value) => percent(value, 2),
  validation_accuracy: (value) => percent(value, 2),
  train_accuracy: (value) => percent(value, 2),
  validation: (value) => percent(value, 0),
  seconds: duration,
  compile_seconds: duration,
  train_examples: count,
  test_examples: count,
  parameters: count,
  iterations: count,
  seed: String,
};

// Of a digest so many are enough to tell data sets apart; all of them are in its meaning.
const DIGITS = 16;

/** Keys without a text of the viewer's own are shown as they came. */
export function fact(view: View, { key, value }: Fact): ToldFact {
  const [name, meaning] = [`fact_${key}`, `means_${key}`];
  const told = written(view, key, value);
  const whole = typeof value === 'object' ? told : String(value);
  return {
    key,
    name: view.knows(name) ? view.word(name) : key,
    value: told,
    meaning: view.knows(meaning) ? view.word(meaning, { value: whole }) : '',
  };
}

function written(view: View, key: string, value: Fact['value']): string {
  if (typeof value === 'number') return (WRITERS[key] ?? number)(value);
  if (typeof value === 'object') return opened(view.text(value), view.language);
  if (key === 'digest') return `${String(value).slice(0, DIGITS)}…`;
  if (key === 'koubai') return view.word('koubai_name', { version: String(value) });
  const word = `${key}_${value}`;
  return view.knows(word) ? view.word(word) : String(value);
}
