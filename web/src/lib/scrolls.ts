/** What is scrolled sideways says where it goes on, and is scrolled by keys too. */

import type { Attachment } from 'svelte/attachments';

/** The edges behind which something is hidden: "", "left", "right" or "left right". */
export function cutEdges(scrolled: number, room: number, whole: number): string {
  const [before, after] = [scrolled > 1, scrolled + room < whole - 1];
  return [before && 'left', after && 'right'].filter(Boolean).join(' ');
}

/**
 * Marks the edges where an element is cut, which then fade.
 *
 * While it scrolls it is a region of that name, which the tab key reaches; without a name what is in
 * it can be reached. find: a selector, where the element is inside of this one.
 */
export function scrolls(label = '', find?: string): Attachment<HTMLElement> {
  return (host) => {
    const element = find ? host.querySelector<HTMLElement>(find) : host;
    if (!element) return;
    const look = (): void => mark(element, label);
    const sizes = new ResizeObserver(look);
    const observe = (): void => {
      for (const each of [element, ...element.children]) sizes.observe(each);
    };
    const children = new MutationObserver(observe);
    observe();
    children.observe(element, { childList: true });
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      children.disconnect();
      element.removeEventListener('scroll', look);
    };
  };
}

function mark(element: HTMLElement, label: string): void {
  const { scrollLeft, clientWidth, scrollWidth, scrollHeight, clientHeight } = element;
  element.dataset.cut = cutEdges(scrollLeft, clientWidth, scrollWidth);
  if (!label) return;
  const moves = scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1;
  const says = { role: 'region', tabindex: '0', 'aria-label': label };
  for (const [name, value] of Object.entries(says)) {
    if (moves) element.setAttribute(name, value);
    else element.removeAttribute(name);
  }
}
