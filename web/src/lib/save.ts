/** A drawing as a file: every svg and canvas in an element, where they lie, one over the other. */

const SCALE = 2;
const NAMESPACE = 'http://www.w3.org/2000/svg';
// What a drawing's look depends on, and what a file has to carry with it.
const STYLES = [
  'color', 'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity',
  'stroke-linecap', 'stroke-linejoin', 'opacity', 'font-family', 'font-size', 'font-weight',
  'font-style', 'text-anchor', 'dominant-baseline', 'paint-order', 'visibility', 'display',
] as const; // prettier-ignore

/** One SVG of everything drawn in the element; canvases are in it as pictures. */
export function asSvg(element: HTMLElement): string {
  const frame = element.getBoundingClientRect();
  const whole = document.createElementNS(NAMESPACE, 'svg');
  whole.setAttribute('xmlns', NAMESPACE);
  whole.setAttribute('width', String(frame.width));
  whole.setAttribute('height', String(frame.height));
  const paper = document.createElementNS(NAMESPACE, 'rect');
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', paperOf(element));
  whole.append(paper);
  for (const layer of element.querySelectorAll<SVGSVGElement | HTMLCanvasElement>('canvas, svg')) {
    if (layer.parentElement?.closest('svg')) continue;
    const place = layer.getBoundingClientRect();
    const part = layer instanceof HTMLCanvasElement ? picture(layer) : styled(layer);
    for (const name of ['width', 'height'] as const) part.setAttribute(name, String(place[name]));
    part.setAttribute('x', String(place.left - frame.left));
    part.setAttribute('y', String(place.top - frame.top));
    whole.append(part);
  }
  return new XMLSerializer().serializeToString(whole);
}

/** The same as a PNG, with two pixels for one. */
export async function asPng(element: HTMLElement): Promise<Blob> {
  const frame = element.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(asSvg(element))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(frame.width * SCALE);
  canvas.height = Math.round(frame.height * SCALE);
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

function paperOf(element: HTMLElement): string {
  const page = element.closest<HTMLElement>('.koubai') ?? element;
  return getComputedStyle(page).backgroundColor;
}
