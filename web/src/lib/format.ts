/** Numbers as people read them. */

const MINUS = '\u2212';

/** So many significant digits, without trailing zeros; very large and small ones as 1.2×10⁻⁷. */
export function number(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4 || (size >= 10 ** digits && !Number.isInteger(value))) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
    const power = `10${raised(Number(exponent))}`;
    const factor = trimmed(mantissa).replace('-', MINUS);
    // 1 × 10¹² is 10¹².
    return /^\D?1$/.test(factor) ? factor.replace('1', power) : `${factor}×${power}`;
  }
  if (Number.isInteger(value)) return value.toLocaleString('en').replace('-', MINUS);
  return trimmed(value.toPrecision(digits)).replace('-', MINUS);
}

/** Several numbers with as many digits as it takes to tell them apart, and no fewer than `digits`. */
export function toldApart(values: readonly number[], digits = 4): string[] {
  const different = new Set(values).size;
  for (let more = digits; ; more++) {
    const texts = values.map((value) => number(value, more));
    if (more >= MOST_DIGITS || new Set(texts).size === different) return texts;
  }
}

const MOST_DIGITS = 15; // of which a float64 is sure

/** A whole number as an exponent: −7 → ⁻⁷. */
function raised(exponent: number): string {
  return [...String(exponent)].map((digit) => RAISED['-0123456789'.indexOf(digit)]).join('');
}

const RAISED = '⁻⁰¹²³⁴⁵⁶⁷⁸⁹';

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A share as a percentage: 0.9731 → 97.3%. */
export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)}%` : 'NaN';
}

/** The decimal places that round numbers so far apart need: 1, 2 or 5 times a power of ten. */
export function decimals(step: number): number {
  return step > 0 && step < 1 ? Math.ceil(-Math.log10(step) - 1e-9) : 0;
}

/** A whole number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** As short as it can be: 16 ms, 2.5 s, 17 s, 3 min 5 s. */
export function duration(seconds: number): string {
  if (seconds < 0.095) return `${(1000 * seconds).toFixed(0)} ms`;
  if (seconds < 119.5) return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A text with its {names} filled in. */
export function filled(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
