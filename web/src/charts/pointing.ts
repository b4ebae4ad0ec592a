/** Pointing at a drawing: with a mouse over it, with a tap, or with the arrow keys. */

import type { Attachment } from 'svelte/attachments';

/** Calls `point` where a mouse is or a finger taps, and `leave` as `leaving` does. */
export function pointing(point: (event: PointerEvent) => void, leave: () => void): Attachment {
  return (element) => {
    const listening = new AbortController();
    for (const name of ['pointermove', 'pointerdown'])
      element.addEventListener(name, (event) => point(event as PointerEvent), listening);
    const left = leaving(leave)(element);
    return () => {
      listening.abort();
      left?.();
    };
  };
}

/** Calls `leave` when a mouse is gone, or at a tap elsewhere: what a finger tapped stays until then. */
export function leaving(leave: () => void): Attachment {
  return (element) => {
    const listening = new AbortController();
    const gone = (event: Event): void => {
      if ((event as PointerEvent).pointerType === 'mouse') leave();
    };
    const tapped = (event: Event): void => {
      if (!event.composedPath().includes(element)) leave();
    };
    element.addEventListener('pointerleave', gone, listening);
    document.addEventListener('pointerdown', tapped, { signal: listening.signal, capture: true });
    return () => listening.abort();
  };
}

/** Which of so many places a key leads to from one of them; null for a key that leads nowhere. */
export function stepped(key: string, place: number, count: number): number | null {
  const wanted = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: count - 1 }[key];
  return wanted === undefined ? null : Math.min(Math.max(0, wanted), count - 1);
}
