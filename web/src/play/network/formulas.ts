/** The books' formulas with the numbers put in, in LaTeX. */

import { number } from '../../lib/format';
import type { Frame, LookView, NetworkMade } from '../messages';
import { tex, texOf, valueAt, weightsTo, type At } from './parameters';

// Terms of a sum that are written out.
const TERMS = 4;

/** A number as LaTeX has it. */
export function value(of: number | undefined, digits = 4): string {
  if (of === undefined || Number.isNaN(of)) return '\\mathrm{NaN}';
  return number(of, digits)
    .replace('\u2212', '-')
    .replace('∞', '\\infty')
    .replaceAll(',', '{,}')
    .replace(/×?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/, (whole, power: string) => {
      const digits = [...power].map((each) => '-0123456789'['⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(each)]).join('');
      return `${whole.startsWith('×') ? '\\times ' : ''}10^{${digits}}`;
    });
}

function activation(name: string): string {
  return `\\operatorname{${name.replaceAll('_', '\\_')}}`;
}

/** z = Σ w a + b of a unit, and a = φ(z), with what φ is. */
export function forwardFormulas(
  made: NetworkMade,
  frame: Frame,
  look: LookView,
  layer: number,
  j: number,
): string[] {
  const weights = weightsTo(frame, layer, j);
  const below = layer === 2 ? look.x.data : (look.a[layer - 3]?.data ?? []);
  const bias = valueAt(frame.layers, { layer, i: null, j });
  const z = look.z[layer - 2]?.data[j - 1];
  const a = look.a[layer - 2]?.data[j - 1];
  const symbols = weights.map(
    (_, k) => `${tex('w', layer, j, k + 1)}${tex('a', layer - 1, k + 1)}`,
  );
  const numbers = weights.map((w, k) => `(${value(w, 3)})(${value(below[k], 3)})`);
  const name = activation(made.activations[layer - 2] ?? '');
  const all = made.activations[layer - 2]?.includes('softmax');
  const [unit, input] = all ? [`_{${j}}`, `\\boldsymbol{z}^{${layer}}`] : ['', tex('z', layer, j)];
  return [
    `${tex('z', layer, j)} = ${some(symbols)} + ${tex('b', layer, j)}`,
    `\\phantom{${tex('z', layer, j)}} = ${some(numbers)} + (${value(bias, 3)}) = ${value(z)}`,
    `${tex('a', layer, j)} = ${name}${unit}(${input})${all ? '' : ` = ${name}(${value(z)})`} = ${value(a)}${definition(made, layer)}`,
  ];
}

/** φ(z) = …, as koubai has it: "a = …" there, or "a_k = …" for all units together. */
function definition({ activations, formulas }: NetworkMade, layer: number): string {
  const name = activations[layer - 2] ?? '';
  const formula = formulas[name];
  if (!formula) return '';
  const own = formula
    .replace(/^a_k = /, `${activation(name)}_k(\\boldsymbol{z}) = `)
    .replace(/^a = /, `${activation(name)}(z) = `);
  return `,\\quad ${own}`;
}

/** δ of a unit: of the output from the loss, of others from the layer above. */
export function deltaFormulas(
  made: NetworkMade,
  frame: Frame,
  look: LookView,
  layer: number,
  j: number,
): string[] {
  const depth = made.sizes.length;
  const left = tex('\\delta', layer, j);
  const delta = value(look.deltas?.[layer - 2]?.data[j - 1]);
  const slope = `\\varphi'(${tex('z', layer, j)})`;
  const found = look.slopes[layer - 2]?.data[j - 1];
  const derivative = `\\frac{\\partial L}{\\partial ${tex('z', layer, j)}}`;
  if (layer === depth) {
    const [a, t] = [look.a[layer - 2]?.data[j - 1], look.t?.data[j - 1]];
    const difference = `(${tex('a', layer, j)} - t_{${j}})`;
    const numbers = `(${value(a)} - ${value(t)})`;
    const factor = outputFactor(made);
    if (isDifference(made)) return [`${left} = ${difference} = ${numbers} = ${delta}`];
    if (factor === null || found === undefined) return [`${left} = ${derivative} = ${delta}`];
    return [
      `${left} = ${factor}${difference}\\,${slope} = ${factor}${numbers}(${value(found)}) = ${delta}`,
    ];
  }
  if (found === undefined) return [`${left} = ${derivative} = ${delta}`];
  const above = look.deltas?.[layer - 1]?.data ?? [];
  const places = Array.from(above, (_, k) => ({ layer: layer + 1, i: j, j: k + 1 }));
  const symbols = places.map((at) => `${texOf(at)}${tex('\\delta', at.layer, at.j)}`);
  const numbers = places.map(
    (at, k) => `(${value(valueAt(frame.layers, at), 3)})(${value(above[k], 3)})`,
  );
  return [
    `${left} = \\Bigl(${some(symbols)}\\Bigr)\\,${slope}`,
    `\\phantom{${left}} = \\bigl(${some(numbers)}\\bigr)(${value(found)}) = ${delta}`,
  ];
}

/** ∂L/∂w = δ a of the example that is looked at. */
export function gradientFormula(look: LookView, at: At): string {
  const { layer, i, j } = at;
  const left = `\\frac{\\partial L}{\\partial ${texOf(at)}}`;
  const delta = look.deltas?.[layer - 2]?.data[j - 1];
  if (i === null) return `${left} = ${tex('\\delta', layer, j)} = ${value(delta)}`;
  const below = layer === 2 ? look.x.data : look.a[layer - 3]?.data;
  return `${left} = ${tex('\\delta', layer, j)}\\,${tex('a', layer - 1, i)} = (${value(delta)})(${value(below?.[i - 1])})`;
}

/** Whether the output's δ is a − t alone: where the loss suits the activation. */
function isDifference({ network, activations }: NetworkMade): boolean {
  const [loss, output] = [network.loss, activations.at(-1) ?? ''];
  return (
    (loss === 'cross_entropy' && output.includes('softmax')) ||
    (loss === 'binary_cross_entropy' && output === 'sigmoid') ||
    (loss === 'squared_error' && output === 'identity')
  );
}

/** What stands before (a − t) φ'(z) in the output's δ; null where it is of another form. */
function outputFactor({ network, sizes }: NetworkMade): string | null {
  if (network.loss === 'squared_error') return '';
  return network.loss === 'mean_squared_error' ? `\\tfrac{2}{${sizes.at(-1) ?? 1}}` : null;
}

/** The first terms of a sum and its last, where it is long. */
function some(terms: readonly string[]): string {
  if (terms.length <= TERMS) return terms.join(' + ');
  return [...terms.slice(0, TERMS - 1), '\\cdots', terms.at(-1)].join(' + ');
}
