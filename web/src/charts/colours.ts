/** Colours that are computed: of a number beside others, and of a layer among layers. */

export type Rgb = readonly [number, number, number];

/** The three parts of #rrggbb or #rgb. */
export function rgb(hex: string): Rgb {
  const text = hex.trim().replace('#', '');
  const six = text.length === 3 ? [...text].map((digit) => digit + digit).join('') : text;
  const value = Number.parseInt(six, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The colour of a page's variable, where the element stands. */
export function variable(element: Element, name: string): Rgb {
  return rgb(getComputedStyle(element).getPropertyValue(name));
}

/** So far from one colour to another: 0 is the first, 1 the second. */
export function mixed(from: Rgb, to: Rgb, share: number): Rgb {
  return [0, 1, 2].map((k) => (from[k] ?? 0) + share * ((to[k] ?? 0) - (from[k] ?? 0))) as never;
}

export const css = (colour: Rgb, alpha = 1) =>
  `rgba(${colour.map((part) => Math.round(part)).join(',')},${alpha})`;

/** The colours of numbers of both signs: `zero` at 0, `positive` and `negative` at ±1. */
export interface Diverging {
  negative: Rgb;
  zero: Rgb;
  positive: Rgb;
}

export function diverging(colours: Diverging, value: number): Rgb {
  const size = Math.min(1, Math.abs(value));
  return mixed(colours.zero, value < 0 ? colours.negative : colours.positive, size);
}

/** Those of the page. */
export function divergingOf(element: Element): Diverging {
  return {
    negative: variable(element, '--negative'),
    zero: variable(element, '--paper'),
    positive: variable(element, '--positive'),
  };
}

// Viridis, of which light and dark pages take the part that stands out.
const VIRIDIS = ['#fde725', '#a0da39', '#4ac16d', '#1fa187', '#277f8e', '#365c8d', '#46327e', '#440154']
  .map(rgb); // prettier-ignore
const PARTS = { light: [0.5, 1], dark: [0.5, 0] } as const;

/** The colour of one of several layers, from the first to the last. */
export function layerColour(index: number, count: number, theme: 'light' | 'dark'): string {
  const [first, last] = PARTS[theme];
  const share = first + ((last - first) * index) / Math.max(1, count - 1);
  const place = share * (VIRIDIS.length - 1);
  const below = Math.min(Math.floor(place), VIRIDIS.length - 2);
  const colour = mixed(VIRIDIS[below] as Rgb, VIRIDIS[below + 1] as Rgb, place - below);
  return `#${colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}
