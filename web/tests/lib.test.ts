import { describe, expect, it } from 'vitest';
import { extent, lastAtMost, numbers, row, unpack } from '../src/lib/arrays';
import { decimals, duration, filled, number, percent, toldApart } from '../src/lib/format';
import { FORMAT, refusal } from '../src/lib/refusal';
import type { Array as Packed, Scene } from '../src/scene';
import { en } from '../src/words/en';
import { ja } from '../src/words/ja';

function packed(type: Packed['type'], data: string, more: Partial<Packed> = {}): Packed {
  return { type, data, shape: [2], scale: 1, offset: 0, ...more };
}

describe('arrays, as Python packs them', () => {
  // base64.b64encode(numpy.array([...], '<…')) in each case
  it('reads every type', () => {
    expect([...numbers(packed('f8', 'AAAAAAAA8D8AAAAAAAAEwA=='))]).toEqual([1, -2.5]);
    expect([...numbers(packed('f4', 'AACAPwAAIMA='))]).toEqual([1, -2.5]);
    expect([...numbers(packed('i4', 'AwAAAP////8='))]).toEqual([3, -1]);
    expect([...numbers(packed('u2', 'AQD//w=='))]).toEqual([1, 65535]);
    expect([...numbers(packed('u1', 'AP8='))]).toEqual([0, 255]);
  });

  it('keeps what is not finite', () => {
    expect([...numbers(packed('f8', 'AAAAAAAA+H8AAAAAAADw/w=='))]).toEqual([NaN, -Infinity]);
  });

  it('scales what is rough', () => {
    const rough = numbers(packed('u1', 'AP8=', { scale: 0.01, offset: -1 }));
    expect(rough[0]).toBeCloseTo(-1, 12);
    expect(rough[1]).toBeCloseTo(1.55, 12);
  });

  it('finds rows, extents and places', () => {
    const table = unpack(packed('u1', 'AAECAwQF', { shape: [3, 2] }));
    expect([...row(table, 1)]).toEqual([2, 3]);
    expect(extent([3, NaN, -1, Infinity])).toEqual([-1, 3]);
    expect(extent([NaN])).toEqual([NaN, NaN]);
    const times = [0, 10, 20, 20, 35];
    expect([-5, 0, 9, 10, 20, 34, 99].map((at) => lastAtMost(times, at))).toEqual([
      0, 0, 0, 1, 3, 3, 4,
    ]);
  });
});

describe('numbers as people read them', () => {
  it('has few digits and real minus signs', () => {
    expect([0, 0.05, -2.5, 1234, 1 / 3, 1e-7, -3.2e9].map((value) => number(value))).toEqual([
      '0',
      '0.05',
      '−2.5',
      '1,234',
      '0.3333',
      '10⁻⁷',
      '−3.2×10⁹',
    ]);
    expect([NaN, Infinity, -Infinity].map((value) => number(value))).toEqual(['NaN', '∞', '−∞']);
  });

  it('has powers of ten raised, and no factor of 1', () => {
    expect([1.234e12, 1e12, -1e12, 1.5e-10, 1e300].map((value) => number(value))).toEqual([
      '1.234×10¹²',
      '10¹²',
      '−10¹²',
      '1.5×10⁻¹⁰',
      '10³⁰⁰',
    ]);
  });

  it('has more digits where numbers would look the same', () => {
    expect(toldApart([1e6, 1e6 + 1, 1e6 + 2])).toEqual(['10⁶', '1.000001×10⁶', '1.000002×10⁶']);
    expect(toldApart([0.5, 1])).toEqual(['0.5', '1']);
    expect(toldApart([3, 3])).toEqual(['3', '3']);
  });

  it('knows shares and times', () => {
    expect([percent(0.97345, 2), percent(1, 0), percent(NaN)]).toEqual(['97.34%', '100%', 'NaN']);
    expect([0.016, 2.54, 17.2, 119.7, 185].map(duration)).toEqual([
      '16 ms',
      '2.5 s',
      '17 s',
      '2 min 0 s',
      '3 min 5 s',
    ]);
  });

  it('fills names in, and leaves what it does not know', () => {
    expect(filled('{a} and {b} and {a}', { a: 1 })).toBe('1 and {b} and 1');
  });
});

describe('words', () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

  it('are there in both languages, with the same values', () => {
    expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      expect(names(ja[key as keyof typeof en]), key).toEqual(names(text));
    }
  });

  it('are Japanese in Japanese, unless they are names or formulas', () => {
    const same = Object.entries(en).filter(([key, text]) => ja[key as keyof typeof en] === text);
    for (const [key, text] of same) expect(text, key).not.toMatch(/[a-z]{3,} [a-z]{3,}/);
  });
});

describe('a scene', () => {
  it('of another form is refused in words', () => {
    const scene = { format: FORMAT, koubai: '9.9' } as Scene;
    expect(refusal(scene)).toBeNull();
    expect(refusal({ ...scene, format: 99 })).toContain('koubai 9.9');
  });
});

it('ticks so far apart need so many decimal places', () => {
  expect([10, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.001].map(decimals)).toEqual([0, 0, 0, 1, 1, 1, 2, 3]);
  expect(decimals(NaN)).toBe(0); // a single tick
});
