/** Why a scene cannot be shown. */

import type { Scene } from '../scene';

/** The form of scene that this viewer understands. */
export const FORMAT = 1;

/** A sentence for people, or null where the scene can be shown. */
export function refusal(scene: Scene): string | null {
  if (scene.format === FORMAT) return null;
  return `This page was written by koubai ${scene.koubai}, whose form of page (${scene.format}) this viewer does not know.`;
}
