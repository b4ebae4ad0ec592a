/** What a line chart is made of. */

/** One line: `key` tells it from the others, `colour` is CSS. */
export interface Line {
  key: string;
  name: string;
  colour: string;
  /** As of stroke-dasharray. */
  dash?: string;
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
}

/** Points, too many to be elements each, behind the lines. */
export interface Dots {
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  colour: string;
}

/** Further numbers of places along x, written above. */
export interface Marks {
  name: string;
  xs: ArrayLike<number>;
  numbers: ArrayLike<number>;
}

/** What lies between two lines from one x on, and its name. */
export interface Shade {
  from: number;
  keys: readonly [string, string];
  colour: string;
  text: string;
}

/** From where on there is nothing to draw, and why. */
export interface End {
  x: number;
  text: string;
}

/** Levels to compare with. */
export interface Band {
  low: number;
  high: number;
  text: string;
}

/** All of it, and how it is written. */
export interface Content {
  lines: readonly Line[];
  dots?: Dots | undefined;
  marks?: Marks | undefined;
  shade?: Shade | undefined;
  band?: Band | undefined;
  end?: End | undefined;
  log: boolean;
  /** No value is above it. */
  most: number;
  format: (value: number) => string;
  /** What stands at a tick of y. */
  tick: (value: number, step: number) => string;
}

export function last(values: ArrayLike<number>): number {
  return values[values.length - 1] ?? NaN;
}
