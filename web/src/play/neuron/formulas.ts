/** The chain rule of one unit in LaTeX, and with its numbers put in. */

/** Terms that are written out; the others are dots. */
const WRITTEN = 3;

/** A number as LaTeX has it. */
export function tex(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '\\mathrm{NaN}' : '\\infty';
  const [mantissa = '', exponent] = value.toPrecision(digits).split('e');
  const plain = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  const small = value !== 0 && Math.abs(value) < 1e-4;
  if (small && exponent === undefined) {
    const [factor = '', power = ''] = value.toExponential(digits - 1).split('e');
    return `${factor} \\times 10^{${Number(power)}}`;
  }
  return exponent === undefined ? plain : `${plain} \\times 10^{${Number(exponent)}}`;
}

function factor(value: number): string {
  const text = tex(value);
  return text.startsWith('-') ? `(${text})` : text;
}

/** The loss of the data, from the E of each example. */
export const MEAN = 'l = \\frac{1}{N} \\sum_i E_i';
export const BY_W =
  "\\displaystyle \\frac{\\partial l}{\\partial w} = \\sum_i \\frac{\\partial l}{\\partial y_i}\\, \\varphi'(z_i)\\, x_i";
export const BY_B =
  "\\displaystyle \\frac{\\partial l}{\\partial b} = \\sum_i \\frac{\\partial l}{\\partial y_i}\\, \\varphi'(z_i)";

/** The sum of products: "= 0.1 · 0.25 · (-2) + ⋯ = -0.05". Each row has the factors of one term. */
export function put(rows: readonly (readonly number[])[], sum: number): string {
  const terms = rows.slice(0, WRITTEN).map((row) => row.map(factor).join(' \\cdot '));
  if (rows.length > WRITTEN) terms.push('\\cdots');
  return `= ${terms.join(' + ')} = \\mathbf{${tex(sum, 4)}}`;
}
