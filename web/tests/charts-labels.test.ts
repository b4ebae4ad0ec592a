import { describe, expect, it } from 'vitest';
import { freest, inRows, pushedApart, roundStep, shortened, textWidth } from '../src/charts/labels';

describe('labels pushed apart', () => {
  it('stay where they are when they do not touch', () => {
    expect(pushedApart([10, 100, 50], 16, 0, 200)).toEqual([10, 100, 50]);
  });

  it('move as little as possible, about their middle, in their order', () => {
    expect(pushedApart([52, 48], 16, 0, 200)).toEqual([58, 42]);
    expect(pushedApart([50, 50, 50], 10, 0, 200)).toEqual([40, 50, 60]);
  });

  it('stay within the range', () => {
    expect(pushedApart([199, 200], 16, 0, 200)).toEqual([184, 200]);
    expect(pushedApart([-9, 1], 16, 0, 200)).toEqual([0, 16]);
  });

  it('push chains of neighbours', () => {
    const places = pushedApart([0, 9, 18, 27, 90], 10, -100, 100);
    for (let i = 1; i < places.length; i++) {
      expect((places[i] ?? 0) - (places[i - 1] ?? 0)).toBeGreaterThanOrEqual(10 - 1e-9);
    }
    expect(places[4]).toBe(90);
  });
});

describe('texts', () => {
  it('in Japanese are wider', () => {
    expect(textWidth('損失', 10)).toBe(20);
    expect(textWidth('ab', 10)).toBeCloseTo(12.8, 12);
  });

  it('are as wide as their letters', () => {
    expect(textWidth('ill', 10)).toBeLessThan(textWidth('abc', 10));
    expect(textWidth('10¹²', 10)).toBeCloseTo(2 * 6.4 + 2 * 4.2, 12);
    expect(textWidth('mm', 10)).toBeCloseTo(19, 12);
  });

  it('are cut with an ellipsis only when they do not fit', () => {
    expect(shortened('versicolor', 100, 10)).toBe('versicolor');
    expect(shortened('versicolor', 32, 10)).toBe('ve…or');
    expect(shortened('versicolor', 38, 10)).toBe('ver…or');
    expect(shortened('とても長い名前の級3', 60, 10)).toBe('とても…級3');
    expect(shortened('versicolor', 0, 10)).toBe('…');
  });

  it('stand in rows', () => {
    expect(inRows([40, 40, 40], 100)).toEqual([
      { x: 0, row: 0 },
      { x: 40, row: 0 },
      { x: 0, row: 1 },
    ]);
  });
});

it('a round step is the least of 1, 2, 5, 10, … that is wide enough', () => {
  expect(roundStep(3, 30)).toBe(10);
  expect(roundStep(3, 31)).toBe(20);
  expect(roundStep(40, 30)).toBe(1);
  expect(roundStep(0.01, 30)).toBe(5000);
});

it('the freest box has the fewest points in it', () => {
  const boxes = [0, 10, 20].map((x) => ({ x, y: 0, width: 9, height: 9 }));
  expect(freest(boxes, [[1, 1], [12, 3], [13, 3], [25, 40]])).toBe(boxes[2]); // prettier-ignore
});
