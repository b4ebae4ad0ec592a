import { describe, expect, it } from 'vitest';
import { fact } from '../src/lib/facts';
import { PAPER, paperScale } from '../src/lib/paper';
import { cutEdges } from '../src/lib/scrolls';
import { opened, sentence } from '../src/lib/sentences';
import { View } from '../src/lib/view.svelte';
import type { Scene } from '../src/scene';

const EMPTY = {
  summary: [], findings: null, valley: null, curves: null, network: null, mistakes: null,
  reproduce: null, missing: [],
} as unknown as Scene; // prettier-ignore

describe('sentences', () => {
  it('begin large and end once', () => {
    expect(opened('the loss is 3', 'en')).toBe('The loss is 3');
    expect(opened('learning_rate=0.3 may do', 'en')).toBe('learning_rate=0.3 may do');
    expect(opened('η = 0.1 では', 'ja')).toBe('η = 0.1 では');
    expect(sentence('the loss is 3', 'en')).toBe('The loss is 3.');
    expect(sentence('no such file: a.csv.', 'en')).toBe('No such file: a.csv.');
    expect(sentence('損失は 3', 'ja')).toBe('損失は 3。');
  });
});

describe('a fact', () => {
  const view = new View(EMPTY, 'en', 'light');

  it('that is a text is told in the language of the page', () => {
    const value = { en: 'the loss is NaN', ja: '損失が NaN' };
    view.language = 'en';
    expect(fact(view, { key: 'message', value }).value).toBe('The loss is NaN');
    view.language = 'ja';
    expect(fact(view, { key: 'message', value }).value).toBe('損失が NaN');
    expect(fact(view, { key: 'message', value }).meaning).not.toContain('object');
    view.language = 'en';
  });

  it('that is a digest is shortened, and whole in its meaning', () => {
    const value = '0123456789abcdef'.repeat(4);
    const told = fact(view, { key: 'digest', value });
    expect(told.value).toBe('0123456789abcdef…');
    expect(told.meaning).toContain(value);
  });

  it('of an unknown key is shown as it came', () => {
    expect(fact(view, { key: 'speed', value: 0.25 })).toEqual({
      key: 'speed',
      name: 'speed',
      value: '0.25',
      meaning: '',
    });
  });
});

describe('paper', () => {
  it('is light, and as wide as the sheet, whatever the screen is', () => {
    const view = new View(EMPTY, 'en', 'dark');
    expect([view.theme, view.room(1234)]).toEqual(['dark', 1234]);
    view.printing = true;
    expect([view.theme, view.room(1234)]).toEqual(['light', PAPER]);
    view.printing = false;
    expect(view.theme).toBe('dark');
  });

  it('makes what is wider or taller than a sheet smaller, and nothing larger', () => {
    expect(paperScale(300, 200)).toBe(1);
    expect(paperScale(1500, 200)).toBe(0.5);
    expect(paperScale(750, 4000)).toBe(0.25);
  });
});

it('what is scrolled sideways is cut where more of it is', () => {
  expect(cutEdges(0, 300, 300)).toBe('');
  expect(cutEdges(0, 300, 700)).toBe('right');
  expect(cutEdges(200, 300, 700)).toBe('left right');
  expect(cutEdges(400, 300, 700)).toBe('left');
  // Browsers scroll by parts of a pixel.
  expect(cutEdges(399.5, 300, 700)).toBe('left');
});

it('one is counted as one', () => {
  const view = new View(EMPTY, 'en', 'light');
  expect(view.counted('chart_moment', 1)).toBe('After 1 iteration');
  expect(view.counted('chart_moment', 1200)).toBe('After 1,200 iterations');
  expect(view.counted('chart_at', 1, { name: 'epoch', number: '0' })).toBe(
    'epoch 0, after 1 iteration',
  );
});
