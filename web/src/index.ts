/** The viewer: one entry, for the report, the notebook and the playground alike. */

import { mount as mountComponent, unmount } from 'svelte';
import App from './App.svelte';
import { KEY, View, type Language, type Theme } from './lib/view.svelte';
import { addStyles } from './lib/styles';
import { refusal } from './lib/refusal';
import type { Scene } from './scene';

export interface Options {
  language?: Language;
  theme?: Theme;
}

/** Shows a scene in an element; returns what takes it away again. */
export function mount(element: HTMLElement, scene: Scene, options: Options = {}): () => void {
  const reason = refusal(scene);
  if (reason) {
    element.textContent = reason;
    return () => element.replaceChildren();
  }
  addStyles();
  const view = new View(
    scene,
    options.language ?? asked() ?? scene.language,
    options.theme ?? preferred(),
  );
  const app = mountComponent(App, { target: element, context: new Map([[KEY, view]]) });
  return () => void unmount(app);
}

/** The language in the page's address, ?lang=ja. */
function asked(): Language | null {
  const language = new URLSearchParams(location.search).get('lang');
  return language === 'en' || language === 'ja' ? language : null;
}

function preferred(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
