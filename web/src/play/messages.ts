// Made from messages.schema.json by `npm run types`: change koubai/play/messages.py instead.
import type { Scene, Text } from '../scene';
import type { Numbers } from './wire';

export interface Messages {
  request:
    | SetSlope
    | SetNeuron
    | LookAround
    | SetNetwork
    | Advance
    | Back
    | Rewind
    | Run
    | Seen
    | SetStops
    | ChangeSetting
    | EditParameter
    | LookAt
    | ExplainParameter
    | ShowRegions
    | ShowLandscape
    | TakeAway
    | Restore;
  answer:
    | Hello
    | Refusal
    | SlopeView
    | NeuronView
    | Around
    | NetworkMade
    | Frame
    | LookView
    | Explanation
    | Regions
    | ValleyView
    | File;
}
/**
 * Descend as set: answered by a `SlopeView`.
 */
export interface SetSlope {
  type: 'set_slope';
  number: number;
  slope: Slope;
}
/**
 * Descent on a function of one or two variables.
 *
 *     formula: of one's own, in x and y or x alone, or the name of a surface. optimizers: a path
 *     each, from the same start, with the learning rate at the same place; None for one that suits.
 *     start: None for one that suits.
 */
export interface Slope {
  formula: string;
  optimizers: string[];
  learning_rates: (number | null)[];
  start: number[] | null;
  gradient: 'exact' | 'numerical';
}
/**
 * Descend as set: answered by a `NeuronView`.
 */
export interface SetNeuron {
  type: 'set_neuron';
  number: number;
  neuron: Neuron;
}
/**
 * One unit y = φ(w x + b), its data (x, t), and a descent from (w, b) = start.
 */
export interface Neuron {
  x: number[];
  t: number[];
  activation: string;
  loss: string;
  optimizer: string;
  learning_rate: number;
  /**
   * @minItems 2
   * @maxItems 2
   */
  start: [number, number];
}
/**
 * How a function of two variables changes in every direction from a point, for steps as long
 *     as the radius: answered by an `Around`.
 */
export interface LookAround {
  type: 'around';
  number: number;
  formula: string;
  /**
   * @minItems 2
   * @maxItems 2
   */
  at: [number, number];
  radius: number;
}
/**
 * Begin anew as set, and do those acts: answered by a `NetworkMade` and a `Frame`.
 */
export interface SetNetwork {
  type: 'set_network';
  number: number;
  network: Network;
  acts: (Step | Change | Edit)[];
}
/**
 * Any layers, on any data; the rest as `koubai.train` has it.
 *
 *     data: a name in `Hello.datasets`; hidden: units of each hidden layer; activations: one for each
 *     of them; output, loss, initialiser, learning_rate: None for the one that suits.
 */
export interface Network {
  data: string;
  hidden: number[];
  activations: string[];
  output: string | null;
  loss: string | null;
  initialiser: string | null;
  optimizer: string;
  learning_rate: number | null;
  batch_size: number;
  weight_decay: number;
  seed: number;
  gradient: 'backprop' | 'numerical';
}
/**
 * So many iterations, one mini-batch each.
 */
export interface Step {
  type: 'step';
  iterations: number;
}
/**
 * Another learning rate η, or weight decay λ, from here on.
 */
export interface Change {
  type: 'change';
  name: 'learning_rate' | 'weight_decay';
  value: number;
}
/**
 * A parameter set by hand: w^l_ji, the weight from unit i below to unit j, or the bias b^l_j.
 *
 *     layer, i, j: counted as in the books, where the input is layer 1 and the first unit 1; i is None
 *     for the bias.
 */
export interface Edit {
  type: 'edit';
  layer: number;
  i: number | null;
  j: number;
  value: number;
}
/**
 * So many iterations of the network, or epochs: answered by a `Frame`.
 */
export interface Advance {
  type: 'advance';
  number: number;
  steps: number;
  unit: 'epoch' | 'iteration';
}
/**
 * So many iterations back, or the last change alone: answered by a `Frame`.
 */
export interface Back {
  type: 'back';
  number: number;
  steps: number;
}
/**
 * The network as it was drawn: answered by a `Frame`.
 */
export interface Rewind {
  type: 'rewind';
  number: number;
}
/**
 * Learn on and on, or stop: answered by `Frame`s, as fast as the page has `Seen` them.
 */
export interface Run {
  type: 'run';
  number: number;
  on: boolean;
}
/**
 * The page has drawn a frame, and can take the next. Not answered.
 */
export interface Seen {
  type: 'seen';
  number: number;
}
/**
 * When a run stops by itself: answered by a `Frame`.
 */
export interface SetStops {
  type: 'set_stops';
  number: number;
  stops: Stops;
}
/**
 * When a network stops by itself; None for never.
 */
export interface Stops {
  epochs: number | null;
  train_loss: number | null;
  test_accuracy: number | null;
}
/**
 * Another learning rate or weight decay, from the next iteration on: answered by a `Frame`.
 */
export interface ChangeSetting {
  type: 'change';
  number: number;
  name: 'learning_rate' | 'weight_decay';
  value: number;
}
/**
 * A weight or a bias set by hand: answered by a `Frame`.
 */
export interface EditParameter {
  type: 'edit';
  number: number;
  edit: Edit;
}
/**
 * Every number of the iteration that comes next: answered by a `LookView`.
 *
 *     example: its place in the mini-batch; own: instead, inputs that the page brings, such as a
 *     drawn digit.
 */
export interface LookAt {
  type: 'look';
  number: number;
  example: number;
  own: number[] | null;
}
/**
 * One parameter's gradient by backpropagation and by differences: answered by an
 *     `Explanation`. layer, i, j: as in `Edit`.
 */
export interface ExplainParameter {
  type: 'explain';
  number: number;
  layer: number;
  i: number | null;
  j: number;
}
/**
 * What the network answers all over the plane, for data of two inputs: a `Regions`.
 */
export interface ShowRegions {
  type: 'regions';
  number: number;
}
/**
 * The loss round the path so far: answered by a `ValleyView`.
 */
export interface ShowLandscape {
  type: 'landscape';
  number: number;
}
/**
 * The network's state in a form to keep: answered by a `File`.
 */
export interface TakeAway {
  type: 'take_away';
  number: number;
  form: 'json' | 'report' | 'run' | 'script';
}
/**
 * A state that was taken away as JSON, or came in a link: as `SetNetwork`.
 */
export interface Restore {
  type: 'restore';
  number: number;
  state: string;
}
/**
 * What there is, once the page has come.
 *
 *     lesson: to open first; lessons: all there are; set: whether this session has a network already,
 *     of a page that was closed or lost its connection.
 */
export interface Hello {
  type: 'hello';
  number: number | null;
  koubai: string;
  language: 'en' | 'ja';
  lesson:
    | (
        | 'activations'
        | 'backpropagation'
        | 'digits'
        | 'finite-differences'
        | 'learning-rate'
        | 'neuron'
        | 'slope'
        | 'softmax'
        | 'vanishing-gradients'
      )
    | null;
  lessons: (
    | 'activations'
    | 'backpropagation'
    | 'digits'
    | 'finite-differences'
    | 'learning-rate'
    | 'neuron'
    | 'slope'
    | 'softmax'
    | 'vanishing-gradients'
  )[];
  set: boolean;
  surfaces: Choice[];
  activations: Choice[];
  losses: Choice[];
  optimizers: Choice[];
  initialisers: Choice[];
  datasets: DataChoice[];
  most_layers: number;
  most_units: number;
  most_points: number;
  most_batch: number;
  longest_request: number;
}
/**
 * A name to choose from, with its formula in LaTeX where it has one.
 */
export interface Choice {
  name: string;
  formula: string;
}
/**
 * A data set. image_shape: (height, width) where inputs are images; classes: () for values.
 */
export interface DataChoice {
  name: string;
  train_examples: number;
  test_examples: number;
  inputs: number;
  outputs: number;
  classes: string[];
  image_shape: number[] | null;
  input_names: string[];
}
/**
 * Why a request was not done. Nothing has changed.
 */
export interface Refusal {
  type: 'refusal';
  number: number | null;
  why: Text;
}
/**
 * A descent as the page shows it, whole.
 *
 *     slope: as it was set, with what suits filled in. formula: in LaTeX. axes, values: the function
 *     in the window, values[i, j] at (axes[0][i], axes[1][j]); or a curve. slopes: its gradient there,
 *     one more axis; empty for a curve. stable: the learning rate
 *     below which gradient descent is stable on the way, None for none.
 */
export interface SlopeView {
  type: 'slope';
  number: number | null;
  slope: Slope;
  formula: string;
  variables: string[];
  axes: Numbers[];
  values: Numbers;
  slopes: Numbers;
  minima: Numbers;
  paths: SlopePath[];
  stable: number | null;
}
/**
 * One optimiser's descent: points (steps + 1, variables), values, gradients at each.
 *
 *     others: the gradients found the other way, numerical for exact ones and exact for numerical;
 *     apart: the numerical ones − the exact ones.
 *     downhill: −η∇f, the step that plain descent would take from each. memory: the optimiser's inner
 *     quantities by name, of the points' shape. stopped: "steps", "converged" or "diverged";
 *     first_bad_step and message say more of the last.
 */
export interface SlopePath {
  optimizer: string;
  learning_rate: number;
  points: Numbers;
  values: Numbers;
  gradients: Numbers;
  others: Numbers;
  apart: Numbers;
  downhill: Numbers;
  memory: {
    [k: string]: Numbers;
  };
  stopped: string;
  first_bad_step: number | null;
  message: Text;
}
/**
 * One unit's descent, whole.
 *
 *     points (steps + 1, 2), values, gradients: of the descent over (w, b). axes, losses: l(w, b).
 *     slopes: its gradient there, one more axis.
 *     curve_x, curve_y: what the unit answers for inputs in the window after each step,
 *     (steps + 1, inputs). z, y, dl_dy, dy_dz: the factors of the chain rule for each example,
 *     (steps + 1, examples); dl_dw, dl_db: their products, of which ∂l/∂w and ∂l/∂b are the sums.
 */
export interface NeuronView {
  type: 'neuron';
  number: number | null;
  neuron: Neuron;
  formulas: string[];
  points: Numbers;
  values: Numbers;
  gradients: Numbers;
  /**
   * @minItems 2
   * @maxItems 2
   */
  axes: [Numbers, Numbers];
  losses: Numbers;
  slopes: Numbers;
  curve_x: Numbers;
  curve_y: Numbers;
  z: Numbers;
  y: Numbers;
  dl_dy: Numbers;
  dy_dz: Numbers;
  dl_dw: Numbers;
  dl_db: Numbers;
  stopped: string;
  first_bad_step: number | null;
  message: Text;
  stable: number | null;
}
/**
 * The change of f on a circle, by the angle θ from the gradient, in degrees.
 *
 *     changes: f(x + Δx) − f(x); predicted: ‖∇f‖·r·cos θ; steepest: the angle in which f falls most.
 */
export interface Around {
  type: 'around';
  number: number | null;
  /**
   * @minItems 2
   * @maxItems 2
   */
  at: [number, number];
  radius: number;
  gradient: Numbers;
  angles: Numbers;
  changes: Numbers;
  predicted: Numbers;
  steepest: number;
}
/**
 * What a network bench is made of, once it is set; with what suits filled in.
 */
export interface NetworkMade {
  type: 'network';
  number: number | null;
  network: Network;
  sizes: number[];
  activations: string[];
  parameters: number;
  iterations_per_epoch: number;
  batch_size: number;
  formulas: {
    [k: string]: string;
  };
}
/**
 * Where a network stands.
 *
 *     epoch, batch: that come next, from 0. batch_iterations, batch_losses: of mini-batches;
 *     measured_at, train_loss, test_loss, train_accuracy, test_accuracy: of all the data (NaN where
 *     there is none). confusion: of the test data, (classes, classes), or None. rate: iterations a
 *     second while it runs, compute: milliseconds of computing for each. stopped: why it does not
 *     run on: "" or "diverged", "epochs", "train_loss", "test_accuracy". first_bad_step, why: of a
 *     divergence. stops: as they were set. can_go_back: whether anything has been done.
 */
export interface Frame {
  type: 'frame';
  number: number | null;
  running: boolean;
  iteration: number;
  epoch: number;
  batch: number;
  learning_rate: number;
  weight_decay: number;
  layers: Layer[];
  batch_iterations: Numbers;
  batch_losses: Numbers;
  measured_at: Numbers;
  train_loss: Numbers;
  test_loss: Numbers;
  train_accuracy: Numbers;
  test_accuracy: Numbers;
  confusion: Numbers | null;
  rate: number;
  compute: number;
  stopped: string;
  first_bad_step: number;
  why: Text | null;
  stops: Stops;
  can_go_back: boolean;
}
/**
 * w: (inputs, units), w[i, j] is w_ji of the books; b: (units,).
 */
export interface Layer {
  w: Numbers;
  b: Numbers;
}
/**
 * Every number of one example, and of the mini-batch that it is in.
 *
 *     iteration: that comes next. examples: the mini-batch, as places in the training data (empty for
 *     an input of the page's own). x; t: the target of each output, None for an own input. z, a: of
 *     each layer above the input; slopes: φ'(z) where a unit has one of its own, empty for softmax;
 *     deltas: ∂L/∂z of this example, None for an own input. loss: of the
 *     example; batch_loss, gradients, steps: of the mini-batch, and what the update would add.
 */
export interface LookView {
  type: 'looked';
  number: number | null;
  iteration: number;
  example: number;
  examples: Numbers;
  x: Numbers;
  t: Numbers | null;
  z: Numbers[];
  a: Numbers[];
  slopes: Numbers[];
  deltas: Numbers[] | null;
  loss: number | null;
  batch_loss: number | null;
  gradients: Layer[] | null;
  steps: Layer[] | null;
}
/**
 * One parameter: its gradient by backpropagation, and by central differences.
 *
 *     agrees: within the tolerance; verdict: why not. formula: ∂L/∂w^l_ji in LaTeX, the mean over the
 *     mini-batch; numbers: the same with the numbers of its first examples. paths: of a mini-batch of
 *     one, the sum over every path from the parameter to the cost; empty where these are many.
 */
export interface Explanation {
  type: 'explained';
  number: number | null;
  backprop: number;
  numerical: number;
  agrees: boolean;
  verdict: Text;
  formula: string;
  numbers: string;
  paths: string;
}
/**
 * axes: of the two inputs; outputs: (points, points, outputs); x, t: the training data.
 */
export interface Regions {
  type: 'regions';
  number: number | null;
  /**
   * @minItems 2
   * @maxItems 2
   */
  axes: [Numbers, Numbers];
  outputs: Numbers;
  x: Numbers;
  t: Numbers;
}
/**
 * A landscape, for the viewer.
 */
export interface ValleyView {
  type: 'valley';
  number: number | null;
  scene: Scene;
}
/**
 * Something to keep: its name, its kind and its bytes.
 */
export interface File {
  type: 'file';
  number: number | null;
  name: string;
  media_type: string;
  content: Numbers;
}
