/** A state as the part of an address behind #, and back. */

import type { Bench } from './state.svelte';

export interface Linked {
  bench: Bench;
  /** The bench's setting as JSON; "" for none. */
  state: string;
}

const BENCHES: readonly string[] = ['slope', 'neuron', 'network'];

/** "#bench" or "#bench=…", the state made small and safe for an address. */
export async function fragment({ bench, state }: Linked): Promise<string> {
  return state ? `#${bench}=${await packed(state)}` : `#${bench}`;
}

/** What a fragment says; null for one that is none of koubai's. */
export async function parsed(hash: string): Promise<Linked | null> {
  const [bench = '', text = ''] = hash.replace(/^#/, '').split('=', 2);
  if (!BENCHES.includes(bench)) return null;
  try {
    return { bench: bench as Bench, state: text ? await unpacked(text) : '' };
  } catch {
    return null;
  }
}

async function packed(text: string): Promise<string> {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

async function unpacked(text: string): Promise<string> {
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
