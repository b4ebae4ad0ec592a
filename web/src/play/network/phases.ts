/** The four phases of an iteration, and how a step of each size goes through them. */

export type Phase = 'forward' | 'loss' | 'backward' | 'update';
export type Pace = 'example' | 'batch' | 'epoch';
/** How far an iteration has come for the example that is looked at; "start": not at all. */
export type Place = 'start' | Phase;

export const START: Place = 'start';
export const PHASES: readonly Phase[] = ['forward', 'loss', 'backward', 'update'];
const PLACES: readonly Place[] = [START, ...PHASES];

export type Next =
  | { kind: 'here'; place: Phase; example: number }
  | { kind: 'learn'; unit: 'iteration' | 'epoch'; place: Place };

/**
 * What a step leads to: the next phase of the example, the next example of the mini-batch, or an
 * iteration or epoch that is learnt, and the place in the one after it.
 */
export function advanced(place: Place, pace: Pace, example: number, batch: number): Next {
  if (pace === 'epoch') return { kind: 'learn', unit: 'epoch', place: START };
  if (pace === 'batch') return { kind: 'learn', unit: 'iteration', place: START };
  if (place === 'update') return { kind: 'learn', unit: 'iteration', place: 'forward' };
  if (place === 'backward' && example + 1 < batch) {
    return { kind: 'here', place: 'forward', example: example + 1 };
  }
  return { kind: 'here', place: PLACES[PLACES.indexOf(place) + 1] as Phase, example };
}

/** What a step back leads to within the iteration; null where it leads out of it. */
export function returned(
  place: Place,
  pace: Pace,
  example: number,
): { place: Place; example: number } | null {
  if (pace !== 'example' || place === START) return null;
  if (place === 'forward' && example > 0) return { place: 'backward', example: example - 1 };
  return { place: PLACES[PLACES.indexOf(place) - 1] as Place, example };
}

/** Whether the numbers of a phase are to be seen: step by step at an example's pace, else always. */
export function isShown(place: Place, pace: Pace, phase: Phase): boolean {
  return pace !== 'example' || PLACES.indexOf(place) >= PLACES.indexOf(phase);
}

/** What a step at an example's pace does: a phase, or on to what is next. */
export function following(
  place: Place,
  example: number,
  batch: number,
): Phase | 'next_example' | 'next_batch' {
  const next = advanced(place, 'example', example, batch);
  if (next.kind === 'learn') return 'next_batch';
  return next.example === example ? next.place : 'next_example';
}
