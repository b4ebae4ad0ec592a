/** Learning rates on a slider: evenly by their logarithm. */

/** Steps of the slider, and how far it goes on each side of the stable bound. */
export const STEPS = 300;
const [BELOW, ABOVE] = [1e-3, 4];
const WIDEST = [1e-4, 10] as const;

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** From far below the bound to a little beyond it; or wide, where there is none. */
export function rangeOf(stable: number | null): Range {
  if (!(stable && stable > 0 && Number.isFinite(stable))) {
    return { low: WIDEST[0], high: WIDEST[1] };
  }
  return { low: BELOW * stable, high: ABOVE * stable };
}

/** Where a rate stands, 0 to 1. */
export function shareOf(rate: number, { low, high }: Range): number {
  if (!(rate > 0)) return 0;
  return Math.min(Math.max(0, Math.log(rate / low) / Math.log(high / low)), 1);
}

/** The rate at a share of the slider, of three digits. */
export function rateAt(share: number, { low, high }: Range): number {
  return Number((low * (high / low) ** share).toPrecision(3));
}

/** A calm rate below the bound, the way out of a divergence. */
export function calm(stable: number): number {
  return Number((stable / 2).toPrecision(2));
}
