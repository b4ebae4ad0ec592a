/** The colours of weights: one end for −1, the other for +1, the page's own in the middle. */

import { Ramp } from '../charts/canvas';
import { diverging, divergingOf, mixed, variable } from '../charts/colours';

/** Shares 0, ½ and 1 stand for the most negative weight, 0, and the most positive. */
export function weightRamp(element: Element): Ramp {
  const colours = divergingOf(element);
  return new Ramp((share) => diverging(colours, 2 * share - 1), variable(element, '--hatch'));
}

/** From the paper, for 0, to the accent, for 1. */
export function shareRamp(element: Element): Ramp {
  const [paper, accent] = [variable(element, '--paper'), variable(element, '--accent')];
  return new Ramp((share) => mixed(paper, accent, share), variable(element, '--hatch'));
}
