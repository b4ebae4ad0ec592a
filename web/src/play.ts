/** The playground: one entry, for the page that `koubai play` serves. */

import { mount as mountComponent } from 'svelte';
import { addStyles } from './lib/styles';
import { KEY as VIEW, type Language, type Theme } from './lib/view.svelte';
import { socketOf } from './play/connection';
import { keptHash, LANGUAGE, THEME } from './play/kept';
import Playground from './play/Playground.svelte';
import { KEY, Play } from './play/state.svelte';

/** Shows the playground in an element, connected to the server that the page came from. */
export function mountPlay(element: HTMLElement): void {
  addStyles();
  const page = new Play(socketOf(location, sessionStorage), language(), theme());
  const context = new Map<symbol, unknown>([
    [KEY, page],
    [VIEW, page.view],
  ]);
  addEventListener('hashchange', () => {
    page.lesson = null; // which would set a bench as well
    void page.follow(location.hash);
  });
  addEventListener('pagehide', () => page.hash.leave());
  void page
    .follow(keptHash(location.href, location.hash))
    .then(() => mountComponent(Playground, { target: element, context }));
}

/** The language that was chosen, or else that the page came in. */
function language(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? document.documentElement.lang;
  return (sessionStorage.getItem(LANGUAGE) ?? asked) === 'ja' ? 'ja' : 'en';
}

function theme(): Theme {
  const usual = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  return (sessionStorage.getItem(THEME) ?? usual) === 'dark' ? 'dark' : 'light';
}
