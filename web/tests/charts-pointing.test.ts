import { expect, it } from 'vitest';
import { stepped } from '../src/charts/pointing';

it('arrow keys go from place to place and stop at the ends', () => {
  expect(stepped('ArrowRight', 3, 10)).toBe(4);
  expect(stepped('ArrowLeft', 3, 10)).toBe(2);
  expect([stepped('ArrowRight', 9, 10), stepped('ArrowLeft', 0, 10)]).toEqual([9, 0]);
  expect([stepped('Home', 5, 10), stepped('End', 5, 10)]).toEqual([0, 9]);
});

it('other keys lead nowhere', () => {
  expect([stepped('Tab', 3, 10), stepped('a', 3, 10)]).toEqual([null, null]);
});
