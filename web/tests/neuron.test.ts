import { describe, expect, it } from 'vitest';
import { added, moved, removed, spans } from '../src/play/neuron/data';
import { put, tex } from '../src/play/neuron/formulas';
import { benchesEn } from '../src/words/play-benches-en';
import { benchesJa } from '../src/words/play-benches-ja';

const data = { x: [-1, 0, 1], t: [0, 0, 1] };

describe('points', () => {
  it('are added, to two digits, as long as there is room', () => {
    expect(added(data, [0.123, 0.987], 10)).toEqual({ x: [-1, 0, 1, 0.12], t: [0, 0, 1, 0.99] });
    expect(added(data, [0, 0], 3)).toEqual(data);
  });

  it('are moved, and the others stay', () => {
    expect(moved(data, 1, [2, -0.001])).toEqual({ x: [-1, 2, 1], t: [0, 0, 1] });
    expect(Object.is(moved(data, 1, [2, -0.001]).t[1], 0)).toBe(true);
    expect(data.x).toEqual([-1, 0, 1]);
  });

  it('are taken away, but for the last', () => {
    expect(removed(data, 0)).toEqual({ x: [0, 1], t: [0, 1] });
    expect(removed({ x: [1], t: [1] }, 0)).toEqual({ x: [1], t: [1] });
  });

  it('have room round them, also if there is one alone', () => {
    const { x, t } = spans({ x: [5], t: [3] });
    expect(x[0]).toBeLessThan(5);
    expect(x[1]).toBeGreaterThan(5);
    expect(t[0]).toBeLessThan(0);
    expect(t[1]).toBeGreaterThan(3);
  });
});

describe('numbers in formulas', () => {
  it.each([
    [0.25, '0.25'],
    [-3, '-3'],
    [0, '0'],
    [1234567, '1.23 \\times 10^{6}'],
    [0.00001234, '1.23 \\times 10^{-5}'],
    [NaN, '\\mathrm{NaN}'],
  ])('%d is %s', (value, text) => {
    expect(tex(value)).toBe(text);
  });

  it('stand in a sum of products, negative ones in brackets', () => {
    expect(put([[0.5, -2], [0.25, 4]], 0)).toBe('= 0.5 \\cdot (-2) + 0.25 \\cdot 4 = \\mathbf{0}'); // prettier-ignore
  });

  it('of many examples only the first are written out', () => {
    expect(put([[1], [2], [3], [4]], 10)).toBe('= 1 + 2 + 3 + \\cdots = \\mathbf{10}');
  });
});

describe('texts of the benches', () => {
  it('have the same keys, and the same places to fill in', () => {
    expect(Object.keys(benchesJa)).toEqual(Object.keys(benchesEn));
    const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const key of Object.keys(benchesEn) as (keyof typeof benchesEn)[]) {
      expect(places(benchesJa[key]), key).toEqual(places(benchesEn[key]));
    }
  });
});
