/** The axes of the surface as they are seen: lines, ticks and names over the picture, in pixels. */

import { sized, textWidth } from '../charts/labels';
import { overlap, type Box as Rectangle } from './labels';
import type { Box, Point } from './mesh';
import type { Vector } from './terrain';

export interface Tick {
  /** Where along the axis: 0 to 1. */
  readonly share: number;
  readonly text: string;
}

export interface Axes {
  readonly ticks: {
    readonly alpha: readonly Tick[];
    readonly beta: readonly Tick[];
    readonly height: readonly Tick[];
  };
  readonly names: { readonly alpha: string; readonly beta: string; readonly height: string };
}

export interface Eye {
  readonly place: Point;
  readonly project: (point: Point) => Vector;
  readonly size: Vector;
}

export interface Text {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly name: boolean;
}

export interface Frame {
  readonly lines: readonly (readonly [Vector, Vector])[];
  readonly texts: readonly Text[];
}

const SIZE = sized(12);
const FARTHEST = 120;
const [TICK, GAP] = [5, sized(13)]; // pixels: of a tick's line, and from an axis to its numbers

/** The edges of the box that no surface hides, with their ticks and names; none over another. */
export function frameOf(box: Box, axes: Axes, eye: Eye): Frame {
  const edges = [
    edgeOf('alpha', front(box, eye), axes, eye),
    edgeOf('beta', side(box, eye), axes, eye),
    edgeOf('height', outermost(box, eye), axes, eye),
  ];
  const texts = edges.map(({ name }) => name).concat(edges.flatMap(({ numbers }) => numbers));
  return {
    lines: edges.flatMap(({ lines }) => lines),
    texts: apart(texts.map((text) => held(text, eye.size))),
  };
}

interface Edge {
  readonly from: Point;
  readonly to: Point;
  /** The middle of the box at the edge's height: numbers stand on the other side. */
  readonly inside: Point;
}

/** The edge along α that is nearer to the eye. */
function front(box: Box, { place }: Eye): Edge {
  const z = place[2] < 0 ? -box.z : box.z;
  return { from: [-box.x, 0, z], to: [box.x, 0, z], inside: [0, 0, 0] };
}

/** The edge along β that is nearer to the eye; β grows away from the viewer. */
function side(box: Box, { place }: Eye): Edge {
  const x = place[0] < 0 ? -box.x : box.x;
  return { from: [x, 0, box.z], to: [x, 0, -box.z], inside: [0, 0, 0] };
}

/** The upright edge that is seen at the very left. */
function outermost(box: Box, { project }: Eye): Edge {
  let [found, least]: [Edge | null, number] = [null, Infinity];
  for (const x of [-box.x, box.x]) {
    for (const z of [-box.z, box.z]) {
      const left = project([x, box.y / 2, z])[0];
      if (left < least) {
        [found, least] = [{ from: [x, 0, z], to: [x, box.y, z], inside: [0, box.y / 2, 0] }, left];
      }
    }
  }
  return found as Edge;
}

function edgeOf(axis: keyof Axes['names'], edge: Edge, axes: Axes, { project, size }: Eye) {
  const along = (share: number): Vector => project(mixed(edge.from, edge.to, share));
  const upright = axis === 'height';
  const out = upright ? LEFT : outward(along(0), along(1), project(edge.inside));
  const ticks = axes.ticks[axis];
  const numbers = ticks.map(({ share, text }) => beside(along(share), out, GAP, text, false));
  const text = axes.names[axis];
  const name = upright
    ? beside(along(1), UP, sized(20), text, true)
    : free((far) => held(beside(along(0.5), out, far, text, true), size), numbers);
  const lines: [Vector, Vector][] = [[along(0), along(1)]];
  for (const { share } of ticks) lines.push([along(share), moved(along(share), out, TICK)]);
  return { lines, numbers, name };
}

const LEFT: Vector = [-1, 0];
const UP: Vector = [0, -1];

/** A name as near to its axis as its numbers allow. */
function free(name: (far: number) => Text, numbers: readonly Text[]): Text {
  let far = GAP + SIZE;
  const covers = (): boolean => numbers.some((text) => overlap(boxOf(name(far)), boxOf(text), 8));
  while (far < FARTHEST && covers()) far += 4;
  return name(far);
}

/** The direction, one pixel long, at a right angle to a line and away from a point. */
function outward(from: Vector, to: Vector, inside: Vector): Vector {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  const normal: Vector = [-dy / length, dx / length];
  const away = (from[0] - inside[0]) * normal[0] + (from[1] - inside[1]) * normal[1];
  return away < 0 ? [-normal[0], -normal[1]] : normal;
}

function beside(place: Vector, out: Vector, far: number, text: string, name: boolean): Text {
  const [x, y] = moved(place, out, far);
  const anchor = out[0] > 0.3 ? 'start' : out[0] < -0.3 ? 'end' : 'middle';
  return { x, y, text, anchor, name };
}

/** A name is moved inside the picture where it would be cut. */
function held(text: Text, [width, height]: Vector): Text {
  if (!text.name) return text;
  const [left, , right] = boxOf(text);
  const shift = Math.max(0, 3 - left) - Math.max(0, right - width + 3);
  return { ...text, x: text.x + shift, y: Math.min(Math.max(SIZE, text.y), height - SIZE) };
}

/** Those that do not lie over an earlier one. */
function apart(texts: readonly Text[]): Text[] {
  const kept: Text[] = [];
  for (const text of texts) {
    if (kept.every((other) => !overlap(boxOf(other), boxOf(text)))) kept.push(text);
  }
  return kept;
}

function boxOf({ x, y, text, anchor }: Text): Rectangle {
  const width = textWidth(text);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return [left, y - SIZE / 2, left + width, y + SIZE / 2];
}

function mixed(from: Point, to: Point, share: number): Point {
  return [0, 1, 2].map(
    (i) => (from[i] as number) + share * ((to[i] as number) - (from[i] as number)),
  ) as unknown as Point;
}

function moved([x, y]: Vector, [dx, dy]: Vector, far: number): Vector {
  return [x + far * dx, y + far * dy];
}
