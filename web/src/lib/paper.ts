/** The page on paper: laid out for the width of a sheet, with its drawings made to fit. */

/** Pixels across a sheet: every part stands below the other there, and letters have a book's size. */
export const PAPER = 750;
// Pixels down a sheet of A4, less its margins and a heading.
const SHEET = 1000;

/** By how much a drawing is made smaller for it to be neither cut nor broken. */
export function paperScale(width: number, height: number): number {
  return Math.min(1, PAPER / width, SHEET / height);
}

/**
 * Makes every drawing and table as small as the sheet asks for.
 *
 * A browser prints without a further look at the sizes of elements, so that drawings keep the pixels
 * that they have on the screen.
 */
export function fitToPaper(page: HTMLElement): void {
  for (const part of parts(page)) {
    const [picture, ...more] = part.querySelectorAll('svg');
    if (picture && !more.length) part.style.width = `${picture.getBoundingClientRect().width}px`;
    const [width, scale] = [widest(part), paperScale(widest(part), tallest(part))];
    if (scale < 1) shrink(part, width, scale);
  }
}

/** A table by its zoom, so that sheets end between its rows; a drawing so that its layers stay one. */
function shrink(part: HTMLElement, width: number, scale: number): void {
  const { style, offsetHeight } = part;
  if (!part.classList.contains('drawing')) {
    style.zoom = String(scale);
    return;
  }
  style.width = `${width}px`;
  style.transform = `scale(${scale})`;
  style.transformOrigin = '0 0';
  style.marginBottom = `${(scale - 1) * offsetHeight}px`;
}

/** Undoes it. */
export function fitToScreen(page: HTMLElement): void {
  for (const { style } of parts(page)) {
    for (const name of ['width', 'zoom', 'transform', 'transform-origin', 'margin-bottom']) {
      style.removeProperty(name);
    }
  }
}

/** Drawings, and tables that scroll. */
function parts(page: HTMLElement): HTMLElement[] {
  const all = [...page.querySelectorAll<HTMLElement>('.drawing, .scroll, .wide')];
  return all.filter((part) => !part.parentElement?.closest('.drawing'));
}

/** With what it holds and scrolls. */
function widest(part: HTMLElement): number {
  const inner = [...part.querySelectorAll('.scroll')].map((each) => each.scrollWidth);
  return Math.max(part.scrollWidth, ...inner);
}

/** Of its pictures: between them a sheet may end. */
function tallest(part: HTMLElement): number {
  const pictures = [...part.querySelectorAll('svg, canvas')];
  return Math.max(1, ...pictures.map((each) => each.getBoundingClientRect().height));
}
