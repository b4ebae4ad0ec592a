import { describe, expect, it } from 'vitest';
import { fragment, parsed, plain, setting } from '../src/play/link';
import { playEn } from '../src/words/play-en';
import { playJa } from '../src/words/play-ja';

/** What is to be filled in; braces of formulas are not. */
const places = (text: string) => (text.replace(/\$+[^$]*\$+/g, '').match(/\{\w+\}/g) ?? []).sort();

describe("the playground's catalogues", () => {
  it('have the same keys', () => {
    expect(Object.keys(playJa).sort()).toEqual(Object.keys(playEn).sort());
  });

  it('have the same places to fill in', () => {
    for (const [key, text] of Object.entries(playEn)) {
      const other = playJa[key as keyof typeof playJa];
      expect([key, places(other)]).toEqual([key, places(text)]);
      expect(other.length).toBeGreaterThan(0);
    }
  });
});

describe('Japanese', () => {
  it('is polite in every full sentence', () => {
    const polite = /(です|ます|ません|ました|ましょう|でしょう|ください)か?[）」]?$/;
    const sentences = Object.entries(playJa).flatMap(([key, text]) =>
      text
        .split('。')
        .slice(0, -1)
        .map((sentence) => `${key}: ${sentence}`),
    );
    expect(sentences.length).toBeGreaterThan(100);
    expect(sentences.filter((sentence) => !polite.test(sentence))).toEqual([]);
  });
});

describe('a link', () => {
  it('brings a state back', async () => {
    const state = JSON.stringify({ seed: 7, name: '勾配 ∂L/∂w', acts: new Array(99).fill(1) });
    const hash = await fragment({ bench: 'network', state });
    expect(hash).toMatch(/^#network=[\w-]+$/);
    expect(hash.length).toBeLessThan(state.length);
    expect(await parsed(hash)).toEqual({ bench: 'network', state });
  });

  it('may name a bench alone', async () => {
    expect(await fragment({ bench: 'slope', state: '' })).toBe('#slope');
    expect(await parsed('#slope')).toEqual({ bench: 'slope', state: '' });
  });

  it('is left alone where it is none', async () => {
    for (const hash of ['', '#', '#elsewhere']) expect(await parsed(hash)).toBeNull();
  });

  it('says where it cannot be read', async () => {
    for (const hash of ['#network=%%%', '#network=AAAA', '#slope=~%']) {
      await expect(parsed(hash), hash).rejects.toThrow();
    }
  });

  it('is written at once where there is no time', async () => {
    const linked = { bench: 'slope', state: '{"formula":"x^2 = 勾配 #~%"}' } as const;
    expect(await parsed(plain(linked))).toEqual(linked);
  });

  it('sets the slope or the neuron by names and numbers alone', () => {
    const slope = { formula: 'x', optimizers: ['sgd'], learning_rates: [0.1], start: [1, 2] };
    expect(setting(JSON.stringify(slope))).toEqual(slope);
    for (const odd of ['{', '3', 'null', '[]', '{"optimizers":3}', '{"start":null}']) {
      expect(() => setting(odd), odd).toThrow();
    }
    for (const odd of ['{"x":[]}', '{"x":[1,"2"]}', '{"learning_rates":["0.1"]}', '{"a":1}']) {
      expect(() => setting(odd), odd).toThrow();
    }
  });
});
