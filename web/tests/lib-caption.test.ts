import { describe, expect, it } from 'vitest';
import { roomFor } from '../src/lib/caption';

const BARE = { title: 'Loss', subject: 'digits', label: '', keys: [] };
const key = (name: string) => ({ name, colour: 'red', dash: 'none' });

describe('a saved drawing', () => {
  it('has its title above it', () => {
    expect(roomFor(BARE, 300, 200)).toMatchObject({ left: 10, top: 52, width: 320, height: 262 });
  });

  it('has the name of its values at the left', () => {
    expect(roomFor({ ...BARE, label: 'Loss' }, 300, 200)).toMatchObject({ left: 32, width: 342 });
  });

  it('names its lines below, in as many rows as they need', () => {
    const two = roomFor({ ...BARE, keys: [key('adam'), key('sgd')] }, 300, 200);
    expect(two.keys.map(({ y }) => y)).toEqual([272, 272]);
    const narrow = roomFor({ ...BARE, keys: [key('adam'), key('sgd')] }, 120, 200);
    expect(narrow.keys.map(({ y }) => y)).toEqual([272, 292]);
    expect(narrow.height).toBe(two.height + 20);
  });

  it('is wide enough for a long name', () => {
    expect(roomFor({ ...BARE, keys: [key('m'.repeat(40))] }, 100, 200).width).toBeGreaterThan(400);
  });
});
