/** The picture in space: drawn by WebGL, and only when something changes. */

import {
  ColorManagement,
  Group,
  LinearSRGBColorSpace,
  PerspectiveCamera,
  Scene,
  Spherical,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { sized } from '../charts/labels';
import type { View } from './look';
import { groupOf, groupOfLines, release, type Content, type Line } from './objects';
import type { Box, Point } from './mesh';
import type { Vector } from './terrain';

ColorManagement.enabled = false; // colours are drawn as they are given, without conversions

const ANGLE = 28; // degrees, of the field of view
/** Pixels around the box, for the labels. */
const MARGIN = { left: sized(70), right: sized(50), top: sized(34), bottom: sized(50) };
const FITTINGS = 8;
// Instead of smoothed edges there are two pixels for one, but without a graphics card only at rest.
const FINE = 2;
const REST = 250; // milliseconds without a change
const MOST_PIXELS = { card: 5e6, none: 1.4e6 };
const NO_CARD = /swiftshader|llvmpipe|software|basic render/i;

/** The drawing context, or null where there is none. */
export function contextOf(canvas: HTMLCanvasElement): WebGL2RenderingContext | null {
  return canvas.getContext('webgl2', {
    alpha: true,
    antialias: false,
    preserveDrawingBuffer: true,
  });
}

/** What draws, by its name. */
function nameOf(context: WebGL2RenderingContext): string {
  const known = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(known?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
}

export class Stage {
  readonly camera = new PerspectiveCamera(ANGLE, 1, 0.1, 50);
  private readonly scene = new Scene();
  private readonly renderer: WebGLRenderer;
  private readonly controls: OrbitControls;
  private content = new Group();
  private lines = new Group();
  private size: Vector = [1, 1];
  private frame = 0;
  private rest = 0;
  private sharpness = '';
  private marked = false;
  /** Whether there is no graphics card: a picture takes long. */
  private readonly slow: boolean;
  private box: Box = { x: 1, y: 1, z: 1 };

  /** seen: called after each picture. */
  constructor(
    canvas: HTMLCanvasElement,
    context: WebGL2RenderingContext,
    host: HTMLElement,
    private readonly seen: () => void,
  ) {
    this.renderer = new WebGLRenderer({ canvas, context, preserveDrawingBuffer: true });
    this.slow = NO_CARD.test(nameOf(context));
    this.renderer.outputColorSpace = LinearSRGBColorSpace;
    this.renderer.setClearColor(0, 0);
    this.controls = new OrbitControls(this.camera, host);
    this.controls.maxPolarAngle = 1.53; // never from below
    this.controls.minDistance = 1.2;
    this.controls.maxDistance = 16;
    this.controls.addEventListener('change', () => this.request());
    this.focused(false);
  }

  /** Whether it has the focus: only then the wheel and fingers are its own, and not the page's. */
  focused(has: boolean): void {
    this.controls.enableZoom = has;
    const host = this.controls.domElement as HTMLElement;
    host.style.touchAction = has ? 'none' : 'pan-y';
  }

  show(content: Content): void {
    this.scene.remove(this.content);
    release(this.content);
    this.content = groupOf(content);
    this.scene.add(this.content);
    this.request();
  }

  /** The paths, in place of those before. */
  trace(lines: readonly Line[]): void {
    this.scene.remove(this.lines);
    release(this.lines);
    this.lines = groupOfLines(lines);
    this.scene.add(this.lines);
    this.request();
  }

  resize(width: number, height: number, box: Box): void {
    this.size = [width, height];
    this.box = box;
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.request();
  }

  /** Looks at it from a direction, from so far that the box fits, with its labels. */
  look({ polar, azimuth }: View): void {
    this.controls.target.set(0, this.box.y / 2, 0);
    const offset = new Vector3().setFromSpherical(new Spherical(5, polar, azimuth));
    this.camera.position.copy(this.controls.target).add(offset);
    for (let k = 0; k < FITTINGS; k++) this.fit();
    this.request();
  }

  /** Comes a step nearer to the place from where the box fills the room between its labels. */
  private fit(): void {
    this.controls.update();
    this.camera.updateMatrixWorld();
    const [xs, ys] = [0, 1].map((axis) =>
      corners(this.box).map((corner) => this.project(corner)[axis] as number),
    );
    const [left, right] = [Math.min(...(xs as number[])), Math.max(...(xs as number[]))];
    const [top, bottom] = [Math.min(...(ys as number[])), Math.max(...(ys as number[]))];
    const [width, height] = [
      this.size[0] - MARGIN.left - MARGIN.right,
      this.size[1] - MARGIN.top - MARGIN.bottom,
    ];
    this.zoom(1 / Math.max((right - left) / width, (bottom - top) / height));
    const pixel = (2 * this.offset().length() * Math.tan((ANGLE * Math.PI) / 360)) / this.size[1];
    const wanted: Vector = [MARGIN.left + width / 2, MARGIN.top + height / 2];
    this.pan(pixel * ((left + right) / 2 - wanted[0]), pixel * (wanted[1] - (top + bottom) / 2));
  }

  /** Turns by so many radians to the right and down. */
  turn(right: number, down: number): void {
    const offset = new Spherical().setFromVector3(this.offset());
    offset.theta += right;
    offset.phi = Math.min(Math.max(0.01, offset.phi + down), this.controls.maxPolarAngle);
    this.camera.position.copy(this.controls.target).add(new Vector3().setFromSpherical(offset));
    this.controls.update();
  }

  /** Comes nearer: 2 for half the distance. */
  zoom(factor: number): void {
    const offset = this.offset().divideScalar(factor);
    this.camera.position.copy(this.controls.target).add(offset);
    this.controls.update();
  }

  /** Moves by so many units to the right and up, as seen. */
  pan(right: number, up: number): void {
    const step = new Vector3(right, up, 0).applyQuaternion(this.camera.quaternion);
    this.camera.position.add(step);
    this.controls.target.add(step);
    this.controls.update();
  }

  get eye(): Point {
    return this.camera.position.toArray() as unknown as Point;
  }

  /** Where a point in space is seen, in pixels. */
  project([x, y, z]: Point): Vector {
    const seen = new Vector3(x, y, z).project(this.camera);
    return [((seen.x + 1) / 2) * this.size[0], ((1 - seen.y) / 2) * this.size[1]];
  }

  /** The direction in which a pixel lies. */
  direction([x, y]: Vector): Point {
    const far = new Vector3((2 * x) / this.size[0] - 1, 1 - (2 * y) / this.size[1], 0.5);
    return far
      .unproject(this.camera)
      .sub(this.camera.position)
      .normalize()
      .toArray() as unknown as Point;
  }

  /** Draws at the next occasion, once, however often it is asked for. */
  request(): void {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  /** Draws now; fine: as it is seen at rest. */
  draw(fine = !this.slow): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
    this.frame = 0;
    this.sharpen(fine ? Math.max(FINE, devicePixelRatio) : 1);
    this.renderer.render(this.scene, this.camera);
    if (!fine) this.rest = window.setTimeout(() => this.draw(true), REST);
    this.seen();
    this.mark();
  }

  /** Notes in the browser's record of the page when the surface was there for the first time. */
  private mark(): void {
    if (this.marked || !this.content.children.length) return;
    this.marked = true;
    requestAnimationFrame(() => performance.mark('koubai: surface drawn'));
  }

  /** Sets the pixels for each of the page, but no more than can be drawn in time. */
  private sharpen(wanted: number): void {
    const [width, height] = this.size;
    const most = this.slow ? MOST_PIXELS.none : MOST_PIXELS.card;
    const ratio = Math.min(wanted, Math.sqrt(most / (width * height)));
    const now = [width, height, ratio].join();
    if (now === this.sharpness) return; // setting it anew would clear the picture, and take time
    this.sharpness = now;
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
    this.controls.dispose();
    release(this.content);
    release(this.lines);
    this.renderer.dispose();
    this.renderer.forceContextLoss(); // a browser has few of them
  }

  private offset(): Vector3 {
    return this.camera.position.clone().sub(this.controls.target);
  }
}

function corners({ x, y, z }: Box): Point[] {
  return [-x, x].flatMap((a) => [0, y].flatMap((b) => [-z, z].map((c): Point => [a, b, c])));
}
