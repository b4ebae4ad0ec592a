/** What the parts of the network bench share: what is shown, chosen and pointed at. */

import { Inside } from '../../network/state.svelte';
import type { DataChoice, Network, NetworkMade } from '../messages';
import { usePlay, type Play } from '../state.svelte';
import { isSmall } from './layout';
import { liveParameters, networkOf } from './live';
import type { At } from './parameters';
import { advanced, isShown, returned, START, type Phase, type Pace, type Place } from './phases';
import { DEFAULT, leftOpen } from './setting';

// Milliseconds between looks at all numbers, and between drawings of charts, while it runs.
const LOOKS = 250;
const CHARTS = 250;
const PICTURES = 100;
// Turns of the screen in which a network's first frame should be there.
const PATIENCE = 60;

export class Bench {
  readonly page: Play;
  /** The size of a step: an example's phase, a mini-batch, an epoch. */
  pace: Pace = $state('example');
  place: Place = $state.raw(START);
  /** Which example of the mini-batch is looked at; and inputs of one's own instead. */
  example: number = $state(0);
  own: number[] | null = $state.raw(null);
  /** The parameter that is chosen, and the one beneath the pointer. */
  chosen: At | null = $state.raw(null);
  pointed: At | null = $state.raw(null);

  constructor(page: Play) {
    this.page = page;
  }

  readonly made = $derived.by(() => this.page.made);
  readonly frame = $derived.by(() => this.page.frame);
  readonly data: DataChoice | null = $derived.by(() => {
    const name = this.made?.network.data;
    return this.page.hello?.datasets.find((data) => data.name === name) ?? null;
  });
  /** The numbers of an example; null while those of this iteration are on their way. */
  readonly look = $derived.by(() => {
    const { look } = this.page;
    const fits = look?.z.every((z, k) => z.data.length === this.made?.sizes[k + 1]);
    return look &&
      fits &&
      look.x.data.length === this.made?.sizes[0] &&
      (look.iteration === this.frame?.iteration || this.frame?.running)
      ? look
      : null;
  });
  /** What the viewer's diagram has in its context. */
  readonly inside = $derived.by(() => {
    const { made, data } = this;
    if (!made || !data) return null;
    return new Inside(this.page.view, networkOf(made, data), () =>
      liveParameters(isSmall(made.sizes) ? this.frame : this.fitting(this.drawn)),
    );
  });
  private lately = $state.raw<Play['frame']>(null);
  /** The frame for charts, tables and formulas, which follow a run at a lower rate. */
  readonly slow = $derived.by(() => {
    return this.frame?.running ? this.fitting(this.lately) : this.frame;
  });
  /** What was asked for and is not there yet. */
  wished: Network | null = $state.raw(null);
  private asked: Network | null = $state.raw(null);
  /** As it is set, or will be: null for what koubai is to choose. */
  readonly network = $derived.by(
    () => this.wished ?? (this.made && leftOpen(this.made.network, this.asked)),
  );
  private restoring = false;
  private drawn = $state.raw<Play['frame']>(null);
  private charted = 0;
  private painted = 0;
  private looked = 0;

  /** Whether numbers of a phase are to be seen. */
  shows(phase: Phase): boolean {
    return this.own === null
      ? isShown(this.place, this.frame?.running ? 'batch' : this.pace, phase)
      : phase === 'forward';
  }

  /** Begins anew with another setting; what depends on what was changed is left to koubai. */
  async set(change: Partial<Network>): Promise<void> {
    const network = { ...(this.wished ?? this.setting), ...change };
    this.wished = this.asked = network;
    this.reset();
    const made = await this.page.askNewest('setup', { type: 'set_network', network, acts: [] });
    if (made) await this.renew(made);
    // Of several changes in a row the first waits for the answer to the last.
    if (!this.page.busy.get('setup')) this.wished = null;
  }

  /** What a choice that is left to koubai is called: with what it has chosen, where that is known. */
  suiting(of: 'output' | 'loss'): string {
    const chosen = this.network?.[of] === null && !this.wished ? this.made?.network[of] : null;
    if (!chosen) return this.page.word('net_auto');
    const name = this.page.named(of === 'output' ? 'activation' : of, chosen);
    return this.page.word('net_suiting', { name });
  }

  /** Begins as a lesson wants it: with steps that are followed phase by phase. */
  begin(network: Network): Promise<void> {
    this.pace = 'example';
    return this.set(network);
  }

  /** Takes up a state that came in a link. */
  async restore(state: string): Promise<void> {
    [this.restoring, this.page.restoring, this.asked] = [true, '', null];
    this.reset();
    const made = await this.page.ask('page', { type: 'restore', state });
    if (made) await this.renew(made);
    this.restoring = false;
    await this.page.address();
    if (!made && !this.made) await this.set({});
  }

  /** Whether a network is on its way. */
  get begins(): boolean {
    return this.wished !== null || this.restoring;
  }

  /** What was chosen in another network is not in this one, which comes with its first frame. */
  private async renew(made: NetworkMade): Promise<void> {
    [this.chosen, this.pointed, this.own, this.example] = [null, null, null, 0];
    this.place = START;
    if (!isSmall(made.sizes) && this.pace === 'example') this.pace = 'batch';
    for (let turns = 0; turns < PATIENCE; turns++) {
      if (this.page.made === made || this.page.status !== 'open') return;
      await new Promise(requestAnimationFrame);
    }
  }

  /** One step forwards. */
  async step(): Promise<void> {
    this.own = null;
    const next = advanced(this.place, this.pace, this.example, this.batch);
    if (next.kind === 'here') {
      this.come(next.place, next.example);
      return;
    }
    const wish = { type: 'advance', steps: 1, unit: next.unit } as const;
    const frame = await this.page.ask('steps', wish);
    if (frame) this.come(frame.stopped === 'diverged' ? START : next.place, 0);
  }

  /** One step backwards: first out of the phases of this iteration. */
  async back(): Promise<void> {
    this.own = null;
    const before = returned(this.place, this.pace, this.example);
    if (before) [this.place, this.example] = [before.place, before.example];
    else if (await this.page.ask('steps', { type: 'back', steps: this.backwards })) this.reset();
  }

  async rewind(): Promise<void> {
    if (await this.page.ask('steps', { type: 'rewind' })) this.reset();
  }

  async run(on: boolean): Promise<void> {
    this.reset();
    this.own = null;
    await this.page.ask('steps', { type: 'run', on });
  }

  /** Another learning rate or weight decay, also while it runs. */
  async change(name: 'learning_rate' | 'weight_decay', value: number): Promise<void> {
    await this.page.askNewest(name, { type: 'change', name, value });
  }

  async edit(at: At, value: number): Promise<void> {
    await this.page.ask('parameter', { type: 'edit', edit: { type: 'edit', ...at, value } });
  }

  /** An earlier frame, if it is of the network that stands there; else the last. */
  private fitting(frame: Play['frame']): Play['frame'] {
    const now = this.frame?.layers ?? [];
    const fits = frame?.layers.every(({ w }, k) => String(w.shape) === String(now[k]?.w.shape));
    return frame?.layers.length === now.length && fits ? frame : this.frame;
  }

  /** Sees to it that the numbers shown are those of now: called after every frame. */
  follow(): void {
    const { frame, example, own, page } = this;
    const now = performance.now();
    if (!frame) return;
    if (!frame.running || now - this.charted > CHARTS) [this.lately, this.charted] = [frame, now];
    if (!frame.running || now - this.painted > PICTURES) [this.drawn, this.painted] = [frame, now];
    if (frame.running && now - this.looked < LOOKS) return;
    this.looked = now;
    void page.askNewest('look', { type: 'look', example, own });
  }

  /** Examples of the mini-batch that comes next. */
  get batch(): number {
    return this.page.look?.examples.data.length || (this.made?.batch_size ?? 1);
  }

  /** As it was set, with what was changed while it learnt. */
  private get setting(): Network {
    const { network, frame } = this;
    if (!network || !frame) return DEFAULT;
    const { learning_rate, weight_decay } = frame;
    return { ...network, learning_rate, weight_decay };
  }

  /** Iterations that one step back undoes. */
  private get backwards(): number {
    const { frame, made } = this;
    if (this.pace !== 'epoch' || !frame || !made) return 1;
    return frame.batch || made.iterations_per_epoch;
  }

  private come(place: Place, example: number): void {
    [this.place, this.example] = [place, example];
    if (place !== START) this.page.did(`phase_${place}`);
  }

  private reset(): void {
    this.come(START, 0);
  }
}

const benches = new WeakMap<Play, Bench>();

/** The page's network bench, which stays while another is shown. */
export function useBench(): Bench {
  const page = usePlay();
  const known = benches.get(page);
  if (known) return known;
  // What is derived in it outlives the component that asks for it first.
  $effect.root(() => {
    benches.set(page, new Bench(page));
  });
  return benches.get(page) as Bench;
}
