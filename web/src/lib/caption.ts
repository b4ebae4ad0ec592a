/** What a saved drawing says of itself: its title, the name of its values, and its lines' names. */

import { inRows, sized, textWidth } from '../charts/labels';

export const NAMESPACE = 'http://www.w3.org/2000/svg';

/** The name of a line, and how it is drawn. */
export interface Key {
  readonly name: string;
  readonly colour: string;
  /** As of stroke-dasharray. */
  readonly dash: string;
}

export interface Caption {
  readonly title: string;
  /** Of what it is: the page's title. */
  readonly subject: string;
  /** Of the values at the left; empty where the drawing names them itself. */
  readonly label: string;
  readonly keys: readonly Key[];
}

const [HEAD, SIDE, ROW, SAMPLE, EDGE] = [sized(52), sized(22), sized(20), 34, 10];

/** Where a drawing of that size stands in the file, and how large the file is. */
export function roomFor(caption: Caption, width: number, height: number) {
  const left = EDGE + (caption.label ? SIDE : 0);
  const widths = caption.keys.map(({ name }) => SAMPLE + 24 + textWidth(name, 13));
  const places = inRows(widths, width);
  const rows = caption.keys.length ? 1 + Math.max(...places.map(({ row }) => row)) : 0;
  const below = rows ? rows * ROW + EDGE : 0;
  const needed = Math.max(width, ...widths, textWidth(caption.title, 17));
  return {
    left,
    top: HEAD,
    width: left + needed + EDGE,
    height: HEAD + height + below + EDGE,
    keys: places.map(({ x, row }) => ({
      x: left + x,
      y: HEAD + height + EDGE + ROW * (row + 0.5),
    })),
  };
}

/** The texts and samples of a caption around a drawing of that size. look: the page's, as computed. */
export function captionOf(
  caption: Caption,
  [width, height]: readonly [number, number],
  look: CSSStyleDeclaration,
): SVGElement[] {
  const room = roomFor(caption, width, height);
  const quiet = look.getPropertyValue('--quiet');
  const write = (text: string, x: number, y: number, size: number, more: Attributes = {}) =>
    made('text', { x, y, 'font-size': sized(size), ...LETTERS(look), ...more }, text);
  const keys = caption.keys.flatMap(({ name, colour, dash }, k) => {
    const { x, y } = room.keys[k] ?? { x: 0, y: 0 };
    const line = { stroke: colourIn(colour, look), 'stroke-dasharray': dash, 'stroke-width': 2.5 };
    return [
      made('line', { x1: x, x2: x + SAMPLE, y1: y, y2: y, ...line }),
      write(name, x + SAMPLE + 8, y, 13, { dy: '0.35em' }),
    ];
  });
  const middle = `translate(${EDGE + sized(10)} ${room.top + height / 2}) rotate(-90)`;
  return [
    write(caption.title, EDGE, sized(21), 17, { 'font-weight': 600 }),
    write(caption.subject, EDGE, sized(40), 13, { fill: quiet }),
    ...(caption.label
      ? [write(caption.label, 0, 0, 13, { transform: middle, 'text-anchor': 'middle' })]
      : []),
    ...keys,
  ];
}

type Attributes = Readonly<Record<string, string | number>>;

const LETTERS = (look: CSSStyleDeclaration): Attributes => ({
  fill: look.color,
  'font-family': look.fontFamily,
});

function made(name: 'text' | 'line', attributes: Attributes, text = ''): SVGElement {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}

/** A colour, or that of the page's variable: a file knows none. */
function colourIn(colour: string, look: CSSStyleDeclaration): string {
  const variable = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
  return variable ? look.getPropertyValue(variable).trim() : colour;
}
