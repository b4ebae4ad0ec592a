/** How a network is set. */

import type { Network } from '../messages';

/** What a new network is set to, where nothing else is wanted. */
export const DEFAULT: Network = {
  data: 'bitmaps',
  hidden: [3],
  activations: ['sigmoid'],
  output: null,
  loss: null,
  initialiser: null,
  optimizer: 'sgd',
  learning_rate: null,
  batch_size: 8,
  weight_decay: 0,
  seed: 0,
  gradient: 'backprop',
};

/** What was made of what was asked for last, with null again where koubai was to choose. */
export function leftOpen(made: Network, asked: Network | null): Network {
  if (!asked) return made;
  const answers = (Object.keys(made) as (keyof Network)[]).every(
    // Of examples there are perhaps fewer than a batch was to have.
    (key) =>
      key === 'batch_size' || asked[key] === null || String(asked[key]) === String(made[key]),
  );
  return answers ? { ...made, output: asked.output, loss: asked.loss } : made;
}
