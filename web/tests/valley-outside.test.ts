import { describe, expect, it } from 'vitest';
import { besideEdge, exitOf } from '../src/valley/outside';
import { tipCorner } from '../src/valley/labels';

const SIZE = [100, 80] as const;

describe('a path that leaves the picture', () => {
  it('has an arrow at the edge, in its direction', () => {
    expect(exitOf([[50, 40], [150, 40]], SIZE)).toEqual({ place: [100, 40], angle: 0 }); // prettier-ignore
    expect(exitOf([[50, 40], [50, 120]], SIZE)).toEqual({ place: [50, 80], angle: 90 }); // prettier-ignore
  });

  it('has it where it leaves for good', () => {
    const swings = [[50, 40], [150, 40], [50, 40], [-50, 40]] as const; // prettier-ignore
    expect(exitOf(swings, SIZE)).toEqual({ place: [0, 40], angle: 180 });
  });

  it('has none if its end is inside, or if it was never seen', () => {
    expect(exitOf([[150, 40], [50, 40]], SIZE)).toBeNull(); // prettier-ignore
    expect(exitOf([[150, 40], [160, 40]], SIZE)).toBeNull(); // prettier-ignore
    expect(exitOf([], SIZE)).toBeNull();
  });
});

describe('a ball outside of the picture', () => {
  it('is told of at the edge nearest to it, wholly inside', () => {
    expect(besideEdge([500, 40], SIZE, [30, 10])).toEqual([75, 40]);
    expect(besideEdge([-Infinity, Infinity], SIZE, [30, 10])).toEqual([25, 65]);
  });

  it('is not told of inside, nor where it is unknown', () => {
    expect(besideEdge([50, 40], SIZE, [30, 10])).toBeNull();
    expect(besideEdge([NaN, 40], SIZE, [30, 10])).toBeNull();
  });
});

describe('a tip', () => {
  const room = [10, 0, 210, 100] as const;

  it('stands to the right and below of what is pointed at, where there is room', () => {
    expect(tipCorner([50, 20], [60, 30], room, [])).toEqual([64, 34]);
  });

  it('stays in its room and off the point', () => {
    expect(tipCorner([200, 90], [60, 30], room, [])).toEqual([126, 70]);
  });

  it('does not cover a ball if it can stand elsewhere', () => {
    expect(tipCorner([100, 50], [60, 30], room, [[140, 80]])).toEqual([26, 64]);
  });
});
