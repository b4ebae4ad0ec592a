import { expect, it } from 'vitest';
import type { Scene, Text } from '../src/scene';
import { placesOf } from '../src/sections';

const scene = {
  summary: [{ key: 'seed', value: 0 }],
  findings: null, valley: null, curves: null, network: null, mistakes: null, reproduce: null,
  missing: [],
} as unknown as Scene; // prettier-ignore

it('a page has the parts that its scene has, in their order', () => {
  const names = placesOf({ ...scene, findings: [] }).map(({ name }) => name);
  expect(names).toEqual(['summary', 'findings']);
});

it('a part that is missing stands in its place, with the reason', () => {
  const why: Text = { en: 'the data are gone', ja: 'データがない' };
  const missing = [
    { part: 'mistakes', why },
    { part: 'findings', why },
  ] as Scene['missing'];
  const places = placesOf({ ...scene, missing });
  expect(places.map(({ name }) => name)).toEqual(['summary', 'findings', 'mistakes']);
  expect(places.map((place) => place.why)).toEqual([null, why, why]);
});
