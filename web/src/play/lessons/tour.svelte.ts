/** Where a lesson stands: the screen, what was done since it was opened, the tasks that are done. */

import { SvelteSet } from 'svelte/reactivity';
import { neuronOf } from '../neuron/bench.svelte';
import { slopeOf } from '../slope/bench.svelte';
import type { Bench, Play } from '../state.svelte';
import type { Lesson, Screen, Seen } from './lesson';

export class Tour {
  readonly page: Play;
  readonly lesson: Lesson;
  place: number = $state(0);
  /** The screens whose task is done; it stays done. */
  readonly done = new SvelteSet<number>();
  /** Whether the bench is set as the screen wants it, so that the task can be looked at. */
  ready: boolean = $state(false);
  private before: Record<string, number> = {};
  private opening = 0;

  constructor(page: Play, lesson: Lesson) {
    this.page = page;
    this.lesson = lesson;
  }

  get screen(): Screen {
    return this.lesson.screens[this.place] as Screen;
  }

  get isLast(): boolean {
    return this.place === this.lesson.screens.length - 1;
  }

  /** What tasks look at. */
  readonly seen: Seen = this.sight();

  /** Opens a screen, and sets its bench. */
  async open(place: number): Promise<void> {
    const opening = ++this.opening;
    this.place = place;
    this.ready = false;
    const { set, acts } = this.screen;
    if (set) {
      const { page } = this;
      const before = this.answered(set.bench);
      page.open(set.bench, set.setting as never);
      await this.until(
        () => before !== this.answered(set.bench) && !this.waits(set.bench),
        opening,
      );
      for (const act of acts ?? []) {
        if (opening !== this.opening) return;
        await page.ask('page', { type: 'edit', edit: act });
      }
    }
    if (opening !== this.opening) return;
    this.before = Object.fromEntries(this.page.done);
    this.ready = true;
  }

  /** Looks whether the task is done: to be called in an effect. */
  look(): void {
    const { task } = this.screen;
    if (this.ready && task && task.done(this.seen)) this.done.add(this.place);
  }

  private answered(bench: Bench): unknown {
    const { slope, neuron, made } = this.page;
    return { slope, neuron, network: made }[bench];
  }

  /** Whether a bench is still to be answered as it was set last. */
  private waits(bench: Bench): boolean {
    return (this.page.busy.get(bench === 'network' ? 'setup' : bench) ?? 0) > 0;
  }

  /** Waits until it is so, for a while at most. */
  private async until(isSo: () => boolean, opening: number): Promise<void> {
    for (let k = 0; k < TRIES && !isSo() && opening === this.opening; k++) {
      await new Promise((go) => setTimeout(go, PAUSE));
    }
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
      get look() {
        return tour.page.look;
      },
      get explained() {
        return tour.page.explained;
      },
      since: (act) => (tour.page.done.get(act) ?? 0) - (tour.before[act] ?? 0),
    };
  }
}

const [TRIES, PAUSE] = [600, 50];
