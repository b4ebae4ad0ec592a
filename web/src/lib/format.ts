/** Numbers as people read them. */

const MINUS = '\u2212';

/** So many significant digits, without trailing zeros; very large and small ones as 1.2e−7. */
export function number(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
    return `${trimmed(mantissa)}e${Number(exponent)}`.replaceAll('-', MINUS);
  }
  if (Number.isInteger(value)) return value.toLocaleString('en').replace('-', MINUS);
  return trimmed(value.toPrecision(digits)).replace('-', MINUS);
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A share as a percentage: 0.9731 → 97.3%. */
export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)}%` : 'NaN';
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
