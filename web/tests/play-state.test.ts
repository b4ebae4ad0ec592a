import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Socket } from '../src/play/connection';
import { Address } from '../src/play/address';
import { keepHash, keepPlace, keptHash } from '../src/play/kept';
import { LESSONS } from '../src/play/lessons';
import { Tour } from '../src/play/lessons/tour.svelte';
import { parsed } from '../src/play/link';
import { slopeOf } from '../src/play/slope/bench.svelte';
import { Play } from '../src/play/state.svelte';

interface Sent {
  type: string;
  number: number;
}

/** koubai's side: what it was sent, and what it says. */
class Koubai {
  readonly sent: Sent[] = [];
  readonly socket: Socket = {
    binaryType: 'arraybuffer',
    readyState: 1,
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => void this.sent.push(JSON.parse(text) as Sent),
  };

  get last(): Sent | undefined {
    return this.sent.at(-1);
  }

  says(answer: object): Promise<void> {
    const text = new TextEncoder().encode(JSON.stringify(answer));
    const bytes = new Uint8Array(8 * Math.ceil((4 + text.length) / 8));
    new DataView(bytes.buffer).setUint32(0, text.length, true);
    bytes.set(text, 4);
    this.socket.onmessage?.({ data: bytes.buffer } as MessageEvent<ArrayBuffer>);
    return rest();
  }

  greets(more: object = {}): Promise<void> {
    const lessons = Object.keys(LESSONS);
    const hello = { lessons, lesson: null, set: false, longest_request: 1000, datasets: [] };
    return this.says({ type: 'hello', number: null, ...hello, ...more });
  }

  refuses(): Promise<void> {
    return this.says({ type: 'refusal', number: this.last?.number, why: { en: 'no', ja: '否' } });
  }
}

/** Lets all that waits for an answer go on, and what looks again after a while. */
async function rest(): Promise<void> {
  for (let k = 0; k < 5; k++) await vi.advanceTimersByTimeAsync(60);
}

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

let koubai: Koubai;
let page: Play;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('sessionStorage', storage());
  vi.stubGlobal('location', { hash: '', href: 'http://here/' });
  vi.stubGlobal('history', { replaceState: vi.fn() });
  vi.stubGlobal('requestAnimationFrame', () => 0);
  koubai = new Koubai();
  page = new Play(() => koubai.socket, 'en', 'light');
  koubai.socket.onopen?.({} as Event);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a request', () => {
  it('that is larger than koubai takes is not sent, and its place says why', async () => {
    await koubai.greets();
    expect(await page.ask('page', { type: 'restore', state: '勾'.repeat(400) })).toBeNull();
    expect(koubai.sent).toEqual([]);
    expect(page.refusals.get('page')?.en).toContain('too large');
    expect(page.refusals.get('page')?.ja).toContain('大きすぎます');
    void page.ask('page', { type: 'restore', state: 'x'.repeat(900) });
    expect(koubai.last?.type).toBe('restore');
  });

  it('that is passed over leaves what was asked for last, whatever was refused before', async () => {
    const bench = slopeOf(page);
    void bench.set({ formula: 'x^^2' });
    await koubai.refuses();
    expect(page.refusals.has('slope')).toBe(true);
    void bench.set({ formula: 'x^3' });
    void bench.set({ formula: 'x^4' });
    await rest();
    expect(bench.setting.formula).toBe('x^4');
    expect(page.refusals.has('slope')).toBe(false);
  });
});

describe('the circle of directions', () => {
  it('is gone where koubai refuses it', async () => {
    const bench = slopeOf(page);
    bench.around = { radius: 1 } as never;
    const walk = {
      valley: { sloped: 0, tracks: [{ points: [[0, 0]] }], window: [[0, 1]] },
      step: 0,
    };
    Object.assign(bench, { walk });
    const path = { values: { shape: [1] } };
    page.slope = { variables: ['x', 'y'], slope: { formula: 'bowl' }, paths: [path] } as never;
    void bench.lookAround();
    await koubai.refuses();
    expect(bench.around).toBeNull();
  });
});

describe('a link', () => {
  it('that cannot be read is told of, and the page is as it was', async () => {
    for (const hash of ['#slope=~{', '#neuron=~3', '#network=%%%']) {
      page.refusals.clear();
      await page.follow(hash);
      expect(page.refusals.get('page')?.en, hash).toContain('could not be read');
      expect([page.bench, page.wanted.size, page.restoring]).toEqual(['slope', 0, '']);
    }
    await page.follow('#neuron=~{"start":[1,2]}');
    expect([page.bench, page.take('neuron')]).toEqual(['neuron', { start: [1, 2] }]);
  });
});

describe('the address', () => {
  it('is written once the bench has come to rest', async () => {
    const address = new Address(() => 'slope');
    for (let k = 0; k < 50; k++) address.keep('slope', `{"start":[${k}]}`);
    expect(history.replaceState).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(300);
    vi.useRealTimers();
    await vi.waitFor(() => expect(history.replaceState).toHaveBeenCalledTimes(1));
    const [, , hash] = vi.mocked(history.replaceState).mock.calls[0] ?? [];
    expect((await parsed(String(hash)))?.state).toBe('{"start":[49]}');
  });

  it('is found again by a page that went before it was written, and that once', async () => {
    const address = new Address(() => 'slope');
    address.leave();
    expect(keptHash('http://here/', '#slope')).toBe('#slope');
    address.keep('slope', '{"start":[7]}');
    address.leave();
    const found = keptHash('http://here/', '#slope');
    expect((await parsed(found))?.state).toBe('{"start":[7]}');
    expect(keptHash('http://here/', '#slope')).toBe('#slope');
    keepHash('http://here/', found);
    expect(keptHash('http://elsewhere/', '#neuron')).toBe('#neuron');
  });
});

describe('a page that is loaded', () => {
  it('opens the lesson that koubai was started with, where nothing else is there', async () => {
    await koubai.greets({ lesson: 'softmax' });
    expect([page.lesson, page.resumed]).toEqual(['softmax', null]);
  });

  it.each([
    ['a link', '#slope=~{}', false],
    ['a network', '', true],
  ])('does not open it over %s', async (_, hash, set) => {
    location.hash = hash;
    await koubai.greets({ lesson: 'softmax', set });
    expect(page.lesson).toBeNull();
  });

  it('comes back to the screen where it was', async () => {
    keepPlace({ lesson: 'digits', screen: 2 });
    location.hash = '#network';
    await koubai.greets({ lesson: 'softmax', set: true });
    expect([page.lesson, page.resumed]).toEqual(['digits', 2]);
    const tour = new Tour(page, LESSONS.digits);
    await tour.resume(2);
    expect([tour.place, tour.ready, page.wanted.size]).toEqual([2, true, 0]);
    expect(koubai.sent).toEqual([]);
  });
});

describe('a tour', () => {
  /** Sets the network as its bench does. */
  function take(): void {
    const network = page.take('network') as never;
    void page.askNewest('setup', { type: 'set_network', network, acts: [] });
  }
  const made = () => koubai.says({ type: 'network', number: koubai.last?.number });
  const frame = (number: number | null = null) =>
    koubai.says({ type: 'frame', number, layers: [] });

  it('keeps which tasks are done while the page is loaded anew', async () => {
    const digits = new Tour(page, LESSONS.digits);
    const ticks = (): number[] => [...new Tour(page, LESSONS.digits).done];
    await digits.resume(2);
    digits.look();
    expect(ticks()).toEqual([]);
    page.done.set('own_input', 1);
    digits.look();
    expect(ticks()).toEqual([2]);
    expect([...new Tour(page, LESSONS.softmax).done]).toEqual([]);
  });

  it('edits its own network, once that is there', async () => {
    const tour = new Tour(page, LESSONS.softmax);
    void tour.open(0);
    await rest();
    take();
    await made();
    expect(koubai.sent.map(({ type }) => type)).toEqual(['set_network']);
    await frame();
    for (let k = 0; k < 6; k++) {
      expect([koubai.last?.type, tour.opens, tour.ready]).toEqual(['edit', true, false]);
      await frame(koubai.last?.number);
    }
    expect([tour.opens, tour.ready]).toEqual([false, true]);
    expect(koubai.sent.filter(({ type }) => type === 'edit')).toHaveLength(6);
  });

  it('edits nothing any more once it is left', async () => {
    const tour = new Tour(page, LESSONS.softmax);
    void tour.open(0);
    take();
    await made();
    await frame();
    expect(koubai.last?.type).toBe('edit');
    tour.leave();
    const edit = koubai.last?.number;
    await frame(edit);
    expect(koubai.last?.number).toBe(edit);
    expect(tour.ready).toBe(false);
  });

  it('edits nothing where its network was refused, and does not wait', async () => {
    const tour = new Tour(page, LESSONS.softmax);
    void tour.open(0);
    take();
    await koubai.refuses();
    expect(koubai.sent.map(({ type }) => type)).toEqual(['set_network']);
    expect([tour.opens, tour.ready]).toEqual([false, false]);
  });
});
