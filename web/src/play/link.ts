/** A state as the part of an address behind #, and back. */

import type { Bench, Settings } from './state.svelte';

export interface Linked {
  bench: Bench;
  /** The bench's setting as JSON; "" for none. */
  state: string;
}

const BENCHES: readonly string[] = ['slope', 'neuron', 'network'];
/** What the settings of the slope and the neuron are made of. */
const KINDS: Readonly<Record<string, string>> = {
  formula: 'string', optimizers: 'strings', learning_rates: 'numbers', start: 'numbers',
  gradient: 'string', x: 'numbers', t: 'numbers', activation: 'string', loss: 'string',
  optimizer: 'string', learning_rate: 'number',
}; // prettier-ignore
/** Before a state that is not packed. */
const PLAIN = '~';

/** "#bench" or "#bench=…", the state made small and safe for an address. */
export async function fragment({ bench, state }: Linked): Promise<string> {
  return state ? `#${bench}=${await packed(state)}` : `#${bench}`;
}

/** The same at once, and longer. */
export function plain({ bench, state }: Linked): string {
  return state ? `#${bench}=${PLAIN}${encodeURIComponent(state)}` : `#${bench}`;
}

/** What a fragment says; null for one that is none of koubai's. Throws where it is unreadable. */
export async function parsed(hash: string): Promise<Linked | null> {
  const [bench = '', text = ''] = hash.replace(/^#/, '').split('=', 2);
  if (!BENCHES.includes(bench)) return null;
  const state = text.startsWith(PLAIN)
    ? decodeURIComponent(text.slice(PLAIN.length))
    : await unpacked(text);
  return { bench: bench as Bench, state };
}

/** How a state sets the slope or the neuron. Throws where it is no setting. */
export function setting(state: string): Settings['slope' | 'neuron'] {
  const found: unknown = JSON.parse(state);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new TypeError('a setting has names');
  }
  const odd = Object.entries(found).find(([name, value]) => kindOf(value) !== KINDS[name]);
  if (odd) throw new TypeError(`${odd[0]} is not what it is to be`);
  return found;
}

/** The type of a value; of a list that of its parts, in the plural. */
function kindOf(value: unknown): string {
  if (!Array.isArray(value)) return typeof value;
  const [first = 'nothing', ...others] = new Set(value.map(kindOf));
  return others.length ? 'several' : `${first}s`;
}

async function packed(text: string): Promise<string> {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

async function unpacked(text: string): Promise<string> {
  if (!text) return '';
  const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  return new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw')));
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
): Promise<Uint8Array> {
  const passed = new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair);
  return new Uint8Array(await new Response(passed).arrayBuffer());
}
