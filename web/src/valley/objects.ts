/** What is drawn in space, as three.js has it. */

import {
  BufferAttribute, BufferGeometry, DoubleSide, Group, LineBasicMaterial, LineSegments, Mesh, MeshBasicMaterial,
} from 'three'; // prettier-ignore
import { Line2 } from 'three/examples/jsm/lines/Line2.js';
import { LineGeometry } from 'three/examples/jsm/lines/LineGeometry.js';
import { LineMaterial } from 'three/examples/jsm/lines/LineMaterial.js';
import type { Point } from './mesh';

export interface Line {
  readonly parts: readonly (readonly Point[])[];
  readonly colour: string;
  readonly width: number;
  /** How much of it is seen where a hill hides it: 0 to 1. */
  readonly behind: number;
  readonly opacity: number;
}

export interface Content {
  readonly positions: Float32Array;
  readonly triangles: Uint32Array;
  readonly colours: Uint8Array;
  /** Thin lines, two points for each piece. */
  readonly pieces: readonly {
    readonly points: Float32Array;
    readonly colour: string;
    readonly opacity: number;
  }[];
}

/** The surface, with the thin lines on it. */
export function groupOf(content: Content): Group {
  const pieces = content.pieces.map((piece) => piecesOf(piece.points, piece.colour, piece.opacity));
  return new Group().add(meshOf(content), ...pieces);
}

export function groupOfLines(lines: readonly Line[]): Group {
  const group = new Group();
  lines.forEach((line, k) => {
    for (const each of lineOf(line, k / lines.length)) group.add(each);
  });
  return group;
}

function meshOf({ positions, triangles, colours }: Content): Mesh {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  geometry.setAttribute('color', new BufferAttribute(colours, 3, true));
  geometry.setIndex(new BufferAttribute(triangles, 1));
  const look = { vertexColors: true, side: DoubleSide, polygonOffset: true };
  // Pushed back a little, so that lines that lie on it are seen.
  return new Mesh(
    geometry,
    new MeshBasicMaterial({ ...look, polygonOffsetFactor: 1.5, polygonOffsetUnits: 6 }),
  );
}

function piecesOf(points: Float32Array, color: string, opacity: number): LineSegments {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(points, 3));
  return new LineSegments(
    geometry,
    new LineBasicMaterial({ color, opacity, transparent: opacity < 1 }),
  );
}

/** A line, and what of it a hill hides, fainter. order: 0 to 1, later ones lie over earlier ones. */
function lineOf({ parts, colour, width, behind, opacity }: Line, order: number): Line2[] {
  return parts.flatMap((part) => {
    const geometry = new LineGeometry().setPositions(part.flat());
    const look = { color: colour, linewidth: width, transparent: true };
    const before = new Line2(
      geometry,
      new LineMaterial({
        ...look,
        opacity,
        polygonOffset: true,
        polygonOffsetFactor: -1,
        polygonOffsetUnits: -4 - 40 * order, // of lines in one place the later is seen
      }),
    );
    before.renderOrder = 2 + order;
    if (!behind) return [before];
    const hidden = new Line2(
      geometry,
      new LineMaterial({ ...look, opacity: behind, depthTest: false }),
    );
    hidden.renderOrder = 1 + order;
    return [hidden, before];
  });
}

export function release(group: Group): void {
  group.traverse((object) => {
    if (object instanceof Mesh || object instanceof LineSegments) {
      object.geometry.dispose();
      object.material.dispose();
    }
  });
}
