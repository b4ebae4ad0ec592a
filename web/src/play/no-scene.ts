/** A scene with nothing in it, for the viewer's components where the playground shows live numbers. */

import type { Scene } from '../scene';

export const NO_SCENE: Scene = {
  format: 1,
  koubai: '',
  title: '',
  subtitle: { en: '', ja: '' },
  language: 'en',
  summary: [],
  findings: null,
  valley: null,
  curves: null,
  network: null,
  mistakes: null,
  reproduce: null,
  missing: [],
};
