/** What heights are called: a loss, the f of a plain function, or another metric. */

import type { Word } from '../lib/view.svelte';

/** What is drawn as height. */
export function metricWord(metric: string): Word {
  if (metric === 'accuracy') return 'valley_accuracy';
  if (metric === 'gradient_norm') return 'valley_gradient_norm';
  return metric === 'value' ? 'valley_value' : 'valley_loss';
}

/** The height that a path has itself. */
export function trueWord(metric: string): Word {
  return metric === 'value' ? 'valley_true_value' : 'valley_true';
}

/** The height of the plane, or the line, beneath a path. */
export function beneathWord(metric: string, plane: boolean): Word {
  if (metric === 'value') return plane ? 'valley_beneath_value' : 'valley_beneath_line_value';
  return plane ? 'valley_beneath' : 'valley_beneath_line';
}

/** Both beside each other. */
export function bothWord(metric: string, plane: boolean): Word {
  if (metric === 'value') return 'trust_value';
  return plane ? 'trust_loss' : 'trust_loss_line';
}
