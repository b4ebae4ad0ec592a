/** The slope bench: how it is set, what was answered, and where the balls are. */

import { untrack } from 'svelte';
import { ofSlope } from '../descent/sight';
import { Walk } from '../descent/walk.svelte';
import type { Around, Slope, SlopePath, SlopeView } from '../messages';
import type { Play } from '../state.svelte';

export const FIRST: Slope = {
  formula: 'bowl',
  optimizers: ['sgd'],
  learning_rates: [null],
  start: null,
  gradient: 'exact',
};
/** The circle of directions is so wide, as a share of the window. */
const RADIUS = 0.04;

export class SlopeBench {
  readonly page: Play;
  readonly walk: Walk;
  /** As it was asked for; null where koubai chooses. */
  setting: Slope = $state.raw(FIRST);
  /** Whether the circle of directions is drawn, and what it is. */
  circle: boolean = $state(false);
  around: Around | null = $state.raw(null);
  private shown: Slope | null = null;

  constructor(page: Play) {
    this.page = page;
    this.walk = new Walk(page);
  }

  get answer(): SlopeView | null {
    return this.page.slope;
  }

  /** The path that numbers are told of, and the step on it. */
  get chosen(): number {
    return this.walk.valley?.sloped ?? 0;
  }

  get path(): SlopePath | undefined {
    return this.answer?.paths[this.chosen];
  }

  /** The step of a path where its ball is: a shorter one has come to its end. */
  at(path: SlopePath): number {
    return Math.min(this.walk.step, (path.values.shape[0] ?? 1) - 1);
  }

  rate(optimizer: string): number | null {
    const place = this.setting.optimizers.indexOf(optimizer);
    const known = this.answer?.paths.find((path) => path.optimizer === optimizer);
    return (place < 0 ? null : this.setting.learning_rates[place]) ?? known?.learning_rate ?? null;
  }

  /** Descends with something changed. Where that is refused, all stays as it was. */
  async set(change: Partial<Slope>): Promise<void> {
    this.setting = { ...this.setting, ...change };
    this.page.refusals.delete('slope'); // of a setting before this one
    await this.page.askNewest('slope', { type: 'set_slope', slope: this.setting });
    if (this.page.refusals.has('slope') && this.answer) this.setting = this.answer.slope;
  }

  /** Another function: start and rates are those that suit it. */
  descendOn(formula: string): Promise<void> {
    const learning_rates = this.setting.optimizers.map(() => null);
    return this.set({ formula, start: null, learning_rates });
  }

  setRate(optimizer: string, rate: number): void {
    const { optimizers, learning_rates } = this.setting;
    const rates = optimizers.map((name, k) =>
      name === optimizer ? rate : (learning_rates[k] ?? this.rate(name)),
    );
    void this.set({ learning_rates: rates });
  }

  /** Lets an optimiser descend too, or no more; one always does. */
  toggle(optimizer: string, order: readonly string[]): void {
    const now = this.setting.optimizers;
    const wanted = now.includes(optimizer)
      ? now.filter((name) => name !== optimizer)
      : order.filter((name) => name === optimizer || now.includes(name));
    if (!wanted.length) return;
    const learning_rates = wanted.map((name) =>
      name === optimizer ? null : (this.rate(name) ?? null),
    );
    void this.set({ optimizers: wanted, learning_rates });
  }

  /** Takes an answer into the drawings. */
  show(answer: SlopeView): void {
    const { slope } = answer;
    const anew =
      this.shown?.formula !== slope.formula || String(this.shown.start) !== String(slope.start);
    const names = slope.optimizers.map((name) => this.page.named('optimizer', name));
    untrack(() => this.walk.show(ofSlope(answer, names), anew));
    this.shown = slope;
    this.page.keep('slope', slope);
  }

  /** Looks in all directions from the ball. */
  async lookAround(): Promise<void> {
    const { answer, path, walk } = this;
    const point = path && walk.valley?.tracks[this.chosen]?.points[this.at(path)];
    if (!answer || !point || answer.variables.length < 2 || !walk.valley) return;
    const [[low, high]] = walk.valley.window;
    const radius = RADIUS * (high - low);
    const found = await this.page.askNewest('around', {
      type: 'around', formula: answer.slope.formula, at: [...point], radius,
    }); // prettier-ignore
    if (found) this.around = found;
    else if (this.page.refusals.has('around')) this.around = null;
  }
}

const benches = new WeakMap<Play, SlopeBench>();

/** The page's slope bench, which stays while another is shown. */
export function slopeOf(page: Play): SlopeBench {
  const known = benches.get(page) ?? new SlopeBench(page);
  benches.set(page, known);
  return known;
}
