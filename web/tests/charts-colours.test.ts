import { describe, expect, it } from 'vitest';
import { packed, Ramp } from '../src/charts/canvas';
import { css, diverging, layerColour, mixed, rgb } from '../src/charts/colours';

describe('colours', () => {
  it('are read from hexadecimal', () => {
    expect(rgb('#ff8000')).toEqual([255, 128, 0]);
    expect(rgb(' #fff ')).toEqual([255, 255, 255]);
  });

  it('are mixed and written', () => {
    expect(mixed([0, 100, 200], [100, 0, 200], 0.25)).toEqual([25, 75, 200]);
    expect(css([1, 2, 3], 0.5)).toBe('rgba(1,2,3,0.5)');
  });

  it('of weights are those of their sign, and none at 0', () => {
    const colours = {
      negative: [255, 0, 0],
      zero: [255, 255, 255],
      positive: [0, 0, 255],
    } as const;
    expect(diverging(colours, 0)).toEqual([255, 255, 255]);
    expect(diverging(colours, -1)).toEqual([255, 0, 0]);
    expect(diverging(colours, 7)).toEqual([0, 0, 255]);
  });

  it('of layers differ, and are dark enough on a light page', () => {
    const all = [0, 1, 2].map((i) => layerColour(i, 3, 'light'));
    expect(new Set(all).size).toBe(3);
    expect(all[2]).toBe('#440154');
    expect(layerColour(1, 2, 'dark')).toBe('#fde725');
  });

  it('in a picture have red in the lowest byte, and one for what is no number', () => {
    expect(packed([1, 2, 3])).toBe(0xff030201);
    const ramp = new Ramp((share) => [255 * share, 0, 0], [9, 9, 9]);
    expect([0, 1, 2, -1, NaN].map((share) => ramp.of(share))).toEqual(
      [0xff000000, 0xff0000ff, 0xff0000ff, 0xff000000, 0xff090909],
    ); // prettier-ignore
  });
});
