import { describe, expect, it } from 'vitest';
import { angle, arrowsOf, length, slopeAtBall, steepest, tangent } from '../src/valley/slope';
import type { Gram } from '../src/valley/terrain';
import { terrain } from './valley-make';

const UNIT: Gram = [1, 0, 1];

describe('directions', () => {
  it('down are against the slope where the plane has orthonormal axes', () => {
    expect(steepest([3, -4], UNIT)).toEqual([-3, 4]);
  });
  it('down are −G⁻¹∇f where it has not: [2 1; 1 3]⁻¹ (5, 10) = (1, 3)', () => {
    const [a, b] = steepest([5, 10], [2, 1, 3]);
    expect([a, b]).toEqual([-1, -3]);
  });
  it('down and along the contour stand at a right angle, by the metric of any plane', () => {
    for (const gram of [UNIT, [2, 1, 3], [5, -2, 1]] as Gram[]) {
      expect(angle(steepest([0.7, -2], gram), tangent([0.7, -2]), gram)).toBeCloseTo(90, 9);
    }
  });
  it('have angles of lines: 45° for (1, 1), and for (−1, −1)', () => {
    expect(angle([1, 0], [1, 1], UNIT)).toBeCloseTo(45, 12);
    expect(angle([1, 0], [-1, -1], UNIT)).toBeCloseTo(45, 12);
    expect(angle([1, 0], [1, 1], [1, 0, 3])).toBeCloseTo(60, 12); // tan = √3
    expect(angle([1, 0], [0, 0], UNIT)).toBeNaN();
  });
  it('are as long as the metric says', () => {
    expect(length([1, 1], [2, 1, 3])).toBeCloseTo(Math.sqrt(7), 12);
  });
});

describe('arrows', () => {
  const axis = Array.from({ length: 101 }, (_, k) => k);
  it('are at most 17 along each axis', () => {
    const found = arrowsOf(terrain(axis, [0, 1, 2], () => 0, () => [1, 0])); // prettier-ignore
    expect(new Set(found.map(({ from }) => from[0])).size).toBeLessThanOrEqual(17);
    expect(new Set(found.map(({ from }) => from[1])).size).toBe(3);
  });
  it('have lengths by the cube root: 1/2 for an eighth of the slope', () => {
    const found = arrowsOf(terrain([0, 1], [0, 1], () => 0, (a) => [a ? 8 : 1, 0])); // prettier-ignore
    expect(found.map(({ share }) => share)).toEqual([0.5, 0.5, 1, 1]);
  });
  it('are left out where there is no slope or none is known', () => {
    const found = arrowsOf(terrain([0, 1], [0, 1], () => 0, (a, b) => [a ? NaN : b, 0])); // prettier-ignore
    expect(found.map(({ from }) => from)).toEqual([[0, 1]]);
  });
});

describe('the slope at the ball', () => {
  const bowl = terrain([3, 4, 5], [-9, -8, -7], (a, b) => ((a - 4) ** 2 + (b + 8) ** 2) / 2, (a, b) => [a - 4, b + 8]); // prettier-ignore
  it('has the angle between the next step and the contour', () => {
    const found = slopeAtBall(bowl, [[4.5, -7.5], [4.5, -8]], 0); // prettier-ignore
    expect(found?.down).toEqual([-0.5, -0.5]);
    expect(found?.stepAngle).toBeCloseTo(45, 9);
    expect(found?.downAngle).toBeCloseTo(90, 9);
  });
  it('has no step at the end, and is none at the bottom or outside', () => {
    expect(slopeAtBall(bowl, [[4.5, -7.5]], 0)?.step).toBeNull();
    expect(slopeAtBall(bowl, [[4, -8]], 0)).toBeNull();
    expect(slopeAtBall(bowl, [[40, -8]], 0)).toBeNull();
  });
});
