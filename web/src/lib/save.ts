/** A drawing as a file: every svg and canvas in an element, where they lie, one over the other. */

import { captionOf, NAMESPACE, roomFor, type Caption } from './caption';

const SCALE = 2;
// What a drawing's look depends on, and what a file has to carry with it.
const STYLES = [
  'color', 'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity',
  'stroke-linecap', 'stroke-linejoin', 'opacity', 'font-family', 'font-size', 'font-weight',
  'font-style', 'text-anchor', 'dominant-baseline', 'paint-order', 'visibility', 'display',
] as const; // prettier-ignore

/** One SVG of everything drawn in the element, and what it is; canvases are in it as pictures. */
export function asSvg(element: HTMLElement, caption: Caption): string {
  return new XMLSerializer().serializeToString(drawn(element, caption));
}

function drawn(element: HTMLElement, caption: Caption): SVGSVGElement {
  const frame = element.getBoundingClientRect();
  const whole = document.createElementNS(NAMESPACE, 'svg');
  whole.setAttribute('xmlns', NAMESPACE);
  const room = roomFor(caption, frame.width, frame.height);
  for (const name of ['width', 'height'] as const) whole.setAttribute(name, String(room[name]));
  const paper = document.createElementNS(NAMESPACE, 'rect');
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  const look = getComputedStyle(element.closest<HTMLElement>('.koubai') ?? element);
  paper.setAttribute('fill', look.backgroundColor);
  whole.append(paper, ...captionOf(caption, [frame.width, frame.height], look));
  for (const layer of element.querySelectorAll<SVGSVGElement | HTMLCanvasElement>('canvas, svg')) {
    const place = layer.getBoundingClientRect();
    if (layer.parentElement?.closest('svg') || !place.width) continue; // a part, or not shown
    const part = layer instanceof HTMLCanvasElement ? picture(layer) : styled(layer);
    for (const name of ['width', 'height'] as const) part.setAttribute(name, String(place[name]));
    part.setAttribute('x', String(room.left + place.left - frame.left));
    part.setAttribute('y', String(room.top + place.top - frame.top));
    whole.append(part);
  }
  return whole;
}

/** The same as a PNG, with two pixels for one. */
export async function asPng(element: HTMLElement, caption: Caption): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(asSvg(element, caption))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(image.width * SCALE);
  canvas.height = Math.round(image.height * SCALE);
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  );
}

/** Lets the browser keep something as a file. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function picture(canvas: HTMLCanvasElement): SVGImageElement {
  const image = document.createElementNS(NAMESPACE, 'image');
  image.setAttribute('href', canvas.toDataURL('image/png'));
  image.setAttribute('preserveAspectRatio', 'none');
  return image;
}

/** A copy that looks the same without the page's styles. */
function styled(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    const text = STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';');
    const copied = copies[i] as Element;
    for (const name of STYLES) copied.removeAttribute(name); // which may name a page's variables
    copied.setAttribute('style', text);
  });
  return copy;
}
