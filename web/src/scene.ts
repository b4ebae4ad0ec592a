// Made from scene.schema.json by `npm run types`: change koubai/report/scene.py instead.

/**
 * A page. What is None, or empty, is not on it; `missing` says why where one expects it.
 */
export interface Scene {
  format: number;
  koubai: string;
  title: string;
  subtitle: Text;
  language: 'en' | 'ja';
  summary: Fact[];
  findings: Finding[] | null;
  valley: Valley | null;
  curves: Curves | null;
  network: NetworkView | null;
  mistakes: Mistakes | null;
  reproduce: Reproduce | null;
  missing: Missing[];
}
/**
 * A sentence in both languages.
 */
export interface Text {
  en: string;
  ja: string;
}
/**
 * A line of a table: the viewer has a name and a meaning for each key, in both languages.
 *
 *     value: a number is written with its unit; words are data, and shown as they are; a text is
 *     shown in the page's language.
 */
export interface Fact {
  key: string;
  value: number | string | boolean | Text;
}
/**
 * What goes wrong in a training.
 *
 *     place, chart: the part of the page that shows it, and the chart there; "" for none of its own.
 */
export interface Finding {
  kind: string;
  title: Text;
  evidence: Text;
  advice: Text;
  layer: number | null;
  place: 'curves' | 'mistakes' | 'network' | 'summary' | 'valley';
  chart: string;
}
/**
 * An objective over a plane, or along a line, with the paths taken there.
 *
 *     values: at (axes[0][i], axes[1][j]); errors: their standard errors, or None; slopes: ∂f/∂α and
 *     ∂f/∂β, one more axis; gram: the metric dᵢ · dⱼ of the plane, by which angles and steepest
 *     directions are measured. metric: "loss", "value" of a plain function, "accuracy" or
 *     "gradient_norm". about: what it rests on, in sentences.
 */
export interface Valley {
  title: Text;
  axes: Axis[];
  metric: string;
  values: Array;
  errors: Array | null;
  slopes: Array;
  gram: Array;
  trails: Trail[];
  about: Text[];
}
/**
 * An axis of a valley: its name, in short too, and the coordinates along it.
 */
export interface Axis {
  label: Text;
  short: Text;
  values: Array;
}
/**
 * Numbers, row by row, in little-endian binary and base64.
 *
 *         value = offset + scale · raw
 *
 *     raw: "f8" and "f4" are floating-point numbers, "i4" signed and "u2" and "u1" unsigned whole
 *     ones. NaN and Inf occur as they are in floating-point numbers alone.
 */
export interface Array {
  type: 'f4' | 'f8' | 'i4' | 'u1' | 'u2';
  shape: number[];
  data: string;
  scale: number;
  offset: number;
}
/**
 * A path beside a plane, a row for each point that is shown.
 *
 *     coordinates: (α, β), (points, dimensions); values: the true loss at the point; beneath: the loss
 *     at its projection on the plane, whatever the surface shows; distances: how far it is off the
 *     plane; share: of the path's movement, in the plane; iterations: steps taken before each. name:
 *     "" for a single one.
 */
export interface Trail {
  name: string;
  coordinates: Array;
  iterations: Array;
  values: Array;
  beneath: Array;
  distances: Array;
  share: number;
}
/**
 * How learning went: the loss of mini-batches, and of whole splits at the end of each epoch.
 */
export interface Curves {
  batch_iterations: Array;
  batch_losses: Array;
  batch_stride: number;
  epochs: Array;
  iterations: Array;
  series: Series[];
  gap: Gap | null;
}
/**
 * A measure of one split at the end of each epoch; accuracy is None where there are no classes.
 *
 *     split: "train", "validation" or "test".
 */
export interface Series {
  split: 'test' | 'train' | 'validation';
  loss: Array;
  accuracy: Array | null;
}
/**
 * Over-fitting: from the epoch where the held-back loss was least, how far it rose again.
 */
export interface Gap {
  split: string;
  epoch: number;
  least: number;
  last: number;
}
/**
 * The network: its layers above the input at some moments, by the iterations done by then.
 *
 *     inputs: how many; input_names: where they have some. image_shape: (height, width) or with
 *     colours behind, where an input is an image.
 */
export interface NetworkView {
  inputs: number;
  input_names: string[];
  image_shape: number[] | null;
  classes: string[];
  moments: Array;
  layers: LayerView[];
  looks: Looks | null;
}
/**
 * One layer above the input: what it is made of and what it did while the network learnt.
 *
 *     w: (inputs, units) and b: (units,) at the end, exact; w_moments, b_moments: the same, rougher,
 *     at each of the network's moments, with one more axis in front. histograms: of its activations
 *     at each moment; None where the data are gone.
 */
export interface LayerView {
  activation: string;
  units: number;
  w: Array;
  b: Array;
  w_moments: Array;
  b_moments: Array;
  histograms: Histograms | null;
}
/**
 * Of activations: edges of the bins (bins + 1,), and the share in each (moments, bins).
 */
export interface Histograms {
  edges: Array;
  shares: Array;
}
/**
 * What was seen of each layer while it learnt: (looks, layers) at each of the iterations.
 */
export interface Looks {
  iterations: Array;
  gradient_norm: Array;
  update_ratio: Array;
}
/**
 * How often class i (row) was taken for class j (column), and some examples of each.
 *
 *     images: what the network saw of each example: (examples, height, width) or with colours behind,
 *     or (examples, inputs), with input_names, where the data has no images.
 */
export interface Mistakes {
  split: string;
  classes: string[];
  confusion: Array;
  examples: Example[];
  images: Array;
  input_names: string[];
  are_probabilities: boolean;
}
/**
 * An example of the test data: its place there, its class, and what it was taken for.
 *
 *     sure: what the network put out for that class; a probability if the mistakes' are.
 */
export interface Example {
  index: number;
  truth: number;
  taken_for: number;
  sure: number;
}
/**
 * What repeats it: a command, "" where there is none, and Python.
 */
export interface Reproduce {
  command: string;
  python: string;
}
/**
 * A part that a page would have, and why it has not.
 */
export interface Missing {
  part: 'curves' | 'findings' | 'mistakes' | 'network' | 'reproduce' | 'summary' | 'valley';
  why: Text;
}
