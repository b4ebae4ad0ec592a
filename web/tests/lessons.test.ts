import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { LESSONS } from '../src/play/lessons';
import type { Lesson, Screen, Seen } from '../src/play/lessons/lesson';
import { paragraphs } from '../src/play/lessons/rich';
import { lessonsEn } from '../src/words/play-lessons-en';
import { lessonsJa } from '../src/words/play-lessons-ja';

/** What a task sees when its screen was just opened: nothing was done yet. */
function opened({ set }: Screen): Seen {
  const is = <T>(bench: string, value: unknown): T | null =>
    set?.bench === bench ? (value as T) : null;
  const numbers = (...values: number[]) => ({
    shape: [values.length],
    data: Float64Array.from(values),
  });
  const setting = set?.setting as Record<string, unknown> | undefined;
  return {
    slope: is('slope', {
      slope: setting,
      paths: [{ learning_rate: 0.1, values: numbers(25, 16, 10), stopped: 'steps' }],
    }),
    slopeStep: 0,
    around: null,
    neuron: is('neuron', { neuron: setting, values: numbers(0.4, 0.4), stopped: 'steps' }),
    neuronStep: 0,
    neuronRuns: false,
    made: is('network', { network: setting }),
    frame: is('network', {
      epoch: 0,
      train_loss: numbers(3.2),
      train_accuracy: numbers(0.1),
      test_accuracy: numbers(0.1),
    }),
    explained: null,
    since: () => 0,
  } as Seen;
}

const all: Lesson[] = Object.values(LESSONS);
const tasks = all.flatMap(({ name, screens }) =>
  screens.flatMap((screen, i) => (screen.task ? [{ name, i, screen, task: screen.task }] : [])),
);

describe('lessons', () => {
  it('are nine, of three to six screens, with a task at least', () => {
    expect(all).toHaveLength(9);
    for (const { screens } of all) {
      expect(screens.length).toBeGreaterThanOrEqual(3);
      expect(screens.length).toBeLessThanOrEqual(6);
      expect(screens.some(({ task }) => task)).toBe(true);
    }
  });

  it('go by their own names, and name what they accompany', () => {
    for (const [name, lesson] of Object.entries(LESSONS)) {
      expect(lesson.name).toBe(name);
      expect(lesson.readings.length).toBeGreaterThan(0);
      expect(lessonsEn).toHaveProperty(`lesson_${name.replaceAll('-', '_')}`);
    }
  });

  it.each(tasks)('$name, screen $i: the task is not done at its start', ({ screen, task }) => {
    expect(task.done(opened(screen))).toBe(false);
  });

  it('use every one of their texts', () => {
    const used = all.flatMap(({ screens }) =>
      screens.flatMap(({ text, task }) => (task ? [text, task.text] : [text])),
    );
    const there = Object.keys(lessonsEn).filter((key) => key.startsWith('l_'));
    expect([...used].sort()).toEqual(there.sort());
  });
});

describe('texts of lessons', () => {
  const keys = Object.keys(lessonsEn) as (keyof typeof lessonsEn)[];

  it('have the same keys in both languages', () => {
    expect(Object.keys(lessonsJa)).toEqual(keys);
  });

  it.each(keys)('%s: the same formulas between dollars', (key) => {
    const formulas = (text: string): string[] =>
      paragraphs(text)
        .flat()
        .filter(({ kind }) => kind === 'display')
        .map(({ text }) => text.replace(/\\text\{[^}]*\}/g, ''));
    expect(formulas(lessonsJa[key])).toEqual(formulas(lessonsEn[key]));
    expect(lessonsEn[key].split('$').length % 2).toBe(1);
    expect(lessonsJa[key].split('$').length % 2).toBe(1);
  });

  it('are cut into text and formulas', () => {
    expect(paragraphs('a $x$ b\n\n$$y$$')).toEqual([
      [
        { kind: 'text', text: 'a ' },
        { kind: 'formula', text: 'x' },
        { kind: 'text', text: ' b' },
      ],
      [{ kind: 'display', text: 'y' }],
    ]);
    expect(paragraphs('$b$: c $d$.')).toEqual([
      [
        { kind: 'formula', text: 'b', mark: ':' },
        { kind: 'text', text: ' c ' },
        { kind: 'formula', text: 'd', mark: '.' },
      ],
    ]);
  });
});

describe('formulas of lessons', () => {
  const texts = [lessonsEn, lessonsJa].flatMap((words) => Object.values(words));
  const formulas = texts
    .flatMap((text) => paragraphs(text).flat())
    .filter(({ kind }) => kind !== 'text');

  it('can all be set', () => {
    for (const { text } of formulas) {
      expect(
        () => katex.renderToString(text, { throwOnError: true, strict: 'ignore' }),
        text,
      ).not.toThrow();
    }
  });
});
