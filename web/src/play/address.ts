/** The part of the page's address behind #: the bench that is shown, and how it is set. */

import { keepHash } from './kept';
import { fragment, plain, type Linked } from './link';
import type { Bench } from './state.svelte';

// Milliseconds without a change, after which it is written: browsers bound how often it may be.
const CALM = 300;

export class Address {
  private readonly kept: Partial<Record<Bench, string>> = {};
  private readonly bench: () => Bench;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isWritten = true;

  /** bench: the one that is shown. */
  constructor(bench: () => Bench) {
    this.bench = bench;
  }

  /** What is to be written: the bench that is shown, and its setting as JSON, "" for none. */
  get state(): Linked {
    const bench = this.bench();
    return { bench, state: this.kept[bench] ?? '' };
  }

  /** Keeps how a bench is set; it is written once nothing changes for a while. */
  keep(bench: Bench, state: string): void {
    this.kept[bench] = state;
    if (bench !== this.bench()) return;
    this.isWritten = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.write(), CALM);
  }

  /** Writes it now, unless it changes meanwhile. */
  async write(): Promise<void> {
    clearTimeout(this.timer);
    const { bench, state } = this.state;
    const hash = await fragment({ bench, state });
    if (this.state.bench !== bench || this.state.state !== state) return;
    history.replaceState(null, '', hash);
    this.isWritten = true;
  }

  /** What is not written yet is kept in the tab: to be called when the page goes. */
  leave(): void {
    if (!this.isWritten) keepHash(location.href, plain(this.state));
  }
}
