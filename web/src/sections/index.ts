/** The parts of a page, in their order; those that a scene has nothing for are left out. */

import type { Component } from 'svelte';
import type { Scene, Text } from '../scene';
import Curves from './Curves.svelte';
import Findings from './Findings.svelte';
import Mistakes from './Mistakes.svelte';
import Network from './Network.svelte';
import Reproduce from './Reproduce.svelte';
import Summary from './Summary.svelte';
import Trust from './Trust.svelte';
import Valley from './Valley.svelte';

export type Name =
  'summary' | 'findings' | 'valley' | 'trust' | 'curves' | 'network' | 'mistakes' | 'reproduce';

interface Section {
  name: Name;
  Part: Component;
  /** Whether the scene has something for it. */
  has: (scene: Scene) => boolean;
}

const SECTIONS: readonly Section[] = [
  { name: 'summary', Part: Summary, has: (scene) => scene.summary.length > 0 },
  { name: 'findings', Part: Findings, has: (scene) => scene.findings !== null },
  { name: 'valley', Part: Valley, has: (scene) => scene.valley !== null },
  { name: 'trust', Part: Trust, has: (scene) => scene.valley !== null },
  { name: 'curves', Part: Curves, has: (scene) => scene.curves !== null },
  { name: 'network', Part: Network, has: (scene) => scene.network !== null },
  { name: 'mistakes', Part: Mistakes, has: (scene) => scene.mistakes !== null },
  { name: 'reproduce', Part: Reproduce, has: (scene) => scene.reproduce !== null },
];

/** A part in its place; where the page has it not but says why, that. */
export interface Place {
  name: Name;
  Part: Component;
  why: Text | null;
}

export function placesOf(scene: Scene): readonly Place[] {
  return SECTIONS.flatMap(({ name, Part, has }) => {
    const why = scene.missing.find(({ part }) => part === name)?.why ?? null;
    return why || has(scene) ? [{ name, Part, why }] : [];
  });
}
