/** What all of the playground shares: the connection, what was answered, the bench, the words. */

import { getContext, tick, untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { count, filled } from '../lib/format';
import { View, type Language, type Theme } from '../lib/view.svelte';
import { playEn } from '../words/play-en';
import { playJa } from '../words/play-ja';
import { Address } from './address';
import {
  Connection,
  type AnswerTo,
  type End,
  type Socket,
  type Status,
  type Wish,
} from './connection';
import { keptPlace } from './kept';
import { fragment, parsed, setting } from './link';
import type { Explanation, Frame, Hello, LookView, Network, NetworkMade, Neuron, NeuronView,
  Slope, SlopeView } from './messages'; // prettier-ignore
import { NO_SCENE } from './no-scene';
import type { Answer } from './wire';
import type { Text } from '../scene';

export type Bench = 'slope' | 'neuron' | 'network';
export type PlayWord = keyof typeof playEn;
export type Lesson = Hello['lessons'][number];

/** What a bench may be asked to be set to, by a link or a lesson. */
export interface Settings {
  slope: Partial<Slope>;
  neuron: Partial<Neuron>;
  network: Partial<Network>;
}

const CATALOGUES: Record<Language, Record<PlayWord, string>> = { en: playEn, ja: playJa };
export const KEY = Symbol('play');

/** The state of the page. Found in every component with `usePlay()`. */
export class Play {
  /** What the viewer's components find in their context: language, theme and their own words. */
  readonly view: View;

  status: Status = $state('connecting');
  /** Why the server has ended the connection. */
  ended: End | null = $state(null);
  hello: Hello | null = $state.raw(null);
  bench: Bench = $state('slope');
  lesson: Lesson | null = $state(null);
  /** The screen at which the lesson is taken up again, once: its bench is as it was left. */
  resumed: number | null = null;

  /** The last answers of each kind, whoever asked. */
  slope: SlopeView | null = $state.raw(null);
  neuron: NeuronView | null = $state.raw(null);
  made: NetworkMade | null = $state.raw(null);
  frame: Frame | null = $state.raw(null);
  look: LookView | null = $state.raw(null);
  explained: Explanation | null = $state.raw(null);

  /** How a bench is to be set, where a lesson or a link wants it: the bench takes it from here. */
  readonly wanted = new SvelteMap<Bench, Settings[Bench]>();
  /** A network's state that came in a link, as it was taken away. */
  restoring: string = $state('');
  /** How often what was done: the types of requests, and names that benches give. */
  readonly done = new SvelteMap<string, number>();
  /** Why something was not done, by the place that asked for it. */
  readonly refusals = new SvelteMap<string, Text>();
  /** Requests under way, by the place that asked. */
  readonly busy = new SvelteMap<string, number>();

  /** How the benches are set, as the address has it. */
  readonly hash = new Address(() => this.bench);
  private readonly connection: Connection;
  /** What waits for the request under way at each place: null for nothing, none for no request. */
  private readonly newest: Record<string, Wish | null> = {};
  private coming: NetworkMade | null = null;
  private painting = false;
  private painted: (() => void) | null = null;

  constructor(open: () => Socket, language: Language, theme: Theme) {
    this.view = new View(NO_SCENE, language, theme);
    this.connection = new Connection(open, {
      heard: (answer) => this.hear(answer),
      became: (status, end) => {
        this.status = status;
        this.ended = end;
      },
    });
  }

  get language(): Language {
    return this.view.language;
  }

  get theme(): Theme {
    return this.view.theme;
  }

  /** A text of the playground's catalogue, its {names} filled in. */
  word(key: PlayWord, values?: Record<string, string | number>): string {
    return filled(CATALOGUES[this.language][key], values);
  }

  /** Whether there is such a text: names of data, activations, … come with the hello. */
  knows(key: string): key is PlayWord {
    return key in playEn;
  }

  /** The catalogue's text for a name that koubai has, such as data_digits; else the name itself. */
  named(kind: string, name: string): string {
    const key = `${kind}_${name}`;
    return this.knows(key) ? this.word(key) : name;
  }

  /** A text of the catalogue in every language, as koubai's own sentences are. */
  both(key: PlayWord, values?: Record<string, string | number>): Text {
    return { en: filled(playEn[key], values), ja: filled(playJa[key], values) };
  }

  /** koubai's own sentence in the chosen language. */
  text(text: Text): string {
    return text[this.language];
  }

  /**
   * Asks koubai; null where it was refused, too large to be sent, or the connection lost.
   *
   * place: what a `Notice` of that place then says why; it is silent again once all goes well.
   */
  async ask<W extends Wish>(place: string, wish: W): Promise<AnswerTo<W> | null> {
    if (this.isTooLarge(place, sizeOf(JSON.stringify(wish)))) return null;
    this.wait(place, 1);
    const answer = await this.connection.ask(wish);
    this.wait(place, -1);
    if (answer?.type === 'refusal') this.refusals.set(place, answer.why);
    else if (answer) {
      this.refusals.delete(place);
      this.did(wish.type);
    }
    return answer && answer.type !== 'refusal' ? (answer as AnswerTo<W>) : null;
  }

  /** Whether so many bytes are more than koubai takes at a time; the place says it then. */
  isTooLarge(place: string, bytes: number): boolean {
    const most = (this.hello?.longest_request ?? Infinity) - ENVELOPE;
    if (bytes <= most) return false;
    const values = { bytes: count(bytes), most: count(most) };
    this.refusals.set(place, this.both('too_large', values));
    return true;
  }

  /**
   * The same as `ask` for what changes faster than it is answered, such as a slider: while one request of a
   * place is under way only the newest waits; null for those that were passed over.
   */
  async askNewest<W extends Wish>(place: string, wish: W): Promise<AnswerTo<W> | null> {
    if (this.newest[place] !== undefined) {
      this.newest[place] = wish;
      return null;
    }
    let now: W | null = wish;
    let answer: AnswerTo<W> | null = null;
    while (now) {
      this.newest[place] = null;
      answer = await this.ask(place, now);
      now = this.newest[place] as W | null;
    }
    Reflect.deleteProperty(this.newest, place);
    return answer;
  }

  /** Counts something that was done, for lessons to look at. */
  did(name: string): void {
    untrack(() => this.done.set(name, (this.done.get(name) ?? 0) + 1));
  }

  /** Opens a bench, set so. */
  open<B extends Bench>(bench: B, setting?: Settings[B]): void {
    this.bench = bench;
    if (setting) this.wanted.set(bench, setting);
    void this.address();
  }

  /** What a bench is to be set to, once: the bench calls it in an effect. */
  take<B extends Bench>(bench: B): Settings[B] | undefined {
    const setting = this.wanted.get(bench) as Settings[B] | undefined;
    if (setting) this.wanted.delete(bench);
    return setting;
  }

  /** Keeps how a bench is set in the address, so that a reload finds it again. */
  keep(bench: 'slope' | 'neuron', setting: Slope | Neuron): void {
    this.hash.keep(bench, JSON.stringify(setting));
  }

  /** Writes the bench that is shown, and how it is set, behind the # of the address. */
  address(): Promise<void> {
    return this.hash.write();
  }

  /** The address that restores the bench as it is; null where that cannot be had. */
  async link(): Promise<string | null> {
    const { bench } = this;
    let { state } = this.hash.state;
    if (bench === 'network') {
      const file = await this.ask('export', { type: 'take_away', form: 'json' });
      if (!file) return null;
      state = new TextDecoder().decode(file.content.data);
    }
    const hash = await fragment({ bench, state });
    return location.href.replace(/#.*$/, '') + hash;
  }

  /** Takes up what the address says; a network's state is restored by its bench. */
  async follow(hash: string): Promise<void> {
    try {
      const linked = await parsed(hash);
      if (!linked) return;
      const { bench, state } = linked;
      if (state && bench !== 'network') this.wanted.set(bench, setting(state));
      else if (state) this.restoring = state;
      this.bench = bench;
    } catch {
      this.refusals.set('page', this.both('link_unreadable'));
    }
  }

  /**
   * Tells koubai that a frame was seen, so that the next may come: while the browser paints it, but
   * no sooner than the one before is painted.
   */
  private draw(): void {
    const seen = (): void => this.connection.tell({ type: 'seen' });
    if (this.painting) {
      this.painted?.(); // passed over: koubai counts every frame
      this.painted = seen;
      return;
    }
    void tick().then(seen);
    this.painting = true;
    requestAnimationFrame(() => {
      this.painting = false;
      this.painted?.();
      this.painted = null;
    });
  }

  /** One request more, or less, is under way; an effect that asks does not depend on that. */
  private wait(place: string, more: number): void {
    untrack(() => this.busy.set(place, (this.busy.get(place) ?? 0) + more));
  }

  /** Whether a network was made that is shown with its first frame, which is on its way. */
  get comes(): boolean {
    return this.coming !== null;
  }

  private hear(answer: Answer): void {
    switch (answer.type) {
      case 'hello':
        this.greet(answer);
        break;
      case 'refusal':
        if (answer.number === null) this.refusals.set('page', answer.why);
        break;
      case 'slope':
        this.slope = answer;
        break;
      case 'neuron':
        this.neuron = answer;
        break;
      case 'network':
        this.coming = answer;
        break;
      case 'frame':
        // A network and its first frame are shown together.
        if (this.coming) [this.made, this.coming] = [this.coming, null];
        this.frame = answer;
        this.explained = null; // it was of the parameters before
        this.draw();
        break;
      case 'looked':
        this.look = answer;
        break;
      case 'explained':
        this.explained = answer;
        break;
    }
  }

  private greet(hello: Hello): void {
    const first = this.hello === null;
    this.hello = hello;
    // koubai knows nothing of the network any more: it is made anew as it was set.
    if (!hello.set && this.made) this.wanted.set('network', this.made.network);
    if (first) this.begin(hello);
  }

  /** On a page that is loaded: the lesson that koubai was started with; or where one was in one. */
  private begin(hello: Hello): void {
    if (!location.hash && !hello.set) {
      this.lesson = hello.lesson;
      return;
    }
    const kept = keptPlace();
    if (!kept || !hello.lessons.includes(kept.lesson)) return;
    [this.lesson, this.resumed] = [kept.lesson, kept.screen];
  }
}

// Bytes of a request beside what is asked: its number.
const ENVELOPE = 40;

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

export function usePlay(): Play {
  return getContext<Play>(KEY);
}
