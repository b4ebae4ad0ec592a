/** The parts of a page, in their order; those that a scene has nothing for are left out. */

import type { Component } from 'svelte';
import type { Scene } from '../scene';
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

export function sectionsOf(scene: Scene): readonly Section[] {
  return SECTIONS.filter((section) => section.has(scene));
}
