/** Where a lesson stands: the screen, what was done since it was opened, the tasks that are done. */

import { SvelteSet } from 'svelte/reactivity';
import { keepDone, keptDone } from '../kept';
import { neuronOf } from '../neuron/bench.svelte';
import { slopeOf } from '../slope/bench.svelte';
import type { Bench, Play } from '../state.svelte';
import type { Lesson, Screen, Seen } from './lesson';

export class Tour {
  readonly page: Play;
  readonly lesson: Lesson;
  place: number = $state(0);
  /** The screens whose task is done; it stays done, as long as the tab is open. */
  readonly done: SvelteSet<number>;
  /** Whether the bench is being set as the screen wants it. */
  opens: boolean = $state(false);
  /** Whether it is so, and the task can be looked at. */
  ready: boolean = $state(false);
  private before: Record<string, number> = {};
  private opening = 0;

  constructor(page: Play, lesson: Lesson) {
    this.page = page;
    this.lesson = lesson;
    this.done = new SvelteSet(keptDone(lesson.name));
  }

  get screen(): Screen {
    return this.lesson.screens[this.place] as Screen;
  }

  get isLast(): boolean {
    return this.place === this.lesson.screens.length - 1;
  }

  /** What tasks look at. */
  readonly seen: Seen = this.sight();

  /** Opens a screen, and sets its bench. Where that is refused, its task is not looked at. */
  async open(place: number): Promise<void> {
    const opening = this.turn(place);
    this.opens = true;
    const isSet = await this.prepare(opening);
    if (opening !== this.opening) return;
    [this.opens, this.ready] = [false, isSet];
    this.before = Object.fromEntries(this.page.done);
  }

  /** Comes back to a screen, with its bench as it was left. */
  async resume(place: number): Promise<void> {
    const { page } = this;
    const screen = this.lesson.screens[place];
    const bench = screen?.set?.bench ?? page.bench;
    const isGone = bench === 'network' && !page.hello?.set && !page.restoring;
    if (!screen || isGone) return this.open(screen?.set ? place : 0);
    const opening = this.turn(place);
    await this.settled(page.bench, opening);
    if (opening === this.opening) this.ready = true;
  }

  /** What is being opened is opened no further: to be called when the lesson is left. */
  leave(): void {
    this.opening++;
  }

  private turn(place: number): number {
    [this.place, this.opens, this.ready] = [place, false, false];
    return ++this.opening;
  }

  /** Sets the bench of the screen; whether it was done, all of it. */
  private async prepare(opening: number): Promise<boolean> {
    const { page } = this;
    const { set, acts } = this.screen;
    if (!set) return true;
    const before = this.answered(set.bench);
    page.open(set.bench, set.setting as never);
    await this.settled(set.bench, opening);
    if (before === this.answered(set.bench) || page.refusals.has(PLACES[set.bench])) return false;
    for (const act of acts ?? []) {
      if (opening !== this.opening) return false;
      if (!(await page.ask('page', { type: 'edit', edit: act }))) return false;
    }
    return true;
  }

  /** Looks whether the task is done: to be called in an effect. */
  look(): void {
    const { task } = this.screen;
    if (!this.ready || this.done.has(this.place) || !task?.done(this.seen)) return;
    this.done.add(this.place);
    keepDone(this.lesson.name, this.done);
  }

  private answered(bench: Bench): unknown {
    const { slope, neuron, made } = this.page;
    return { slope, neuron, network: made }[bench];
  }

  /** Waits until a bench has been answered as it was set last, or was refused. */
  private async settled(bench: Bench, opening: number): Promise<void> {
    const { page } = this;
    const isWaiting = (): boolean =>
      page.wanted.has(bench) || (page.busy.get(PLACES[bench]) ?? 0) > 0 || page.comes;
    while (isWaiting() && opening === this.opening)
      await new Promise((go) => setTimeout(go, PAUSE));
  }

  private sight(): Seen {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const tour = this;
    return {
      get slope() {
        return tour.page.slope;
      },
      get slopeStep() {
        return slopeOf(tour.page).walk.step;
      },
      get around() {
        return slopeOf(tour.page).around;
      },
      get neuron() {
        return tour.page.neuron;
      },
      get neuronStep() {
        return neuronOf(tour.page).walk.step;
      },
      get neuronRuns() {
        return neuronOf(tour.page).walk.view.playing;
      },
      get made() {
        return tour.page.made;
      },
      get frame() {
        return tour.page.frame;
      },
      get explained() {
        return tour.page.explained;
      },
      since: (act) => (tour.page.done.get(act) ?? 0) - (tour.before[act] ?? 0),
    };
  }
}

// Milliseconds between looks whether a bench is set.
const PAUSE = 50;
/** Where each bench asks to be set. */
const PLACES: Record<Bench, string> = { slope: 'slope', neuron: 'neuron', network: 'setup' };
