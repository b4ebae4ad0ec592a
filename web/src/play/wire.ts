/** Answers as `koubai/play/wire.py` packs them: JSON, with the arrays behind it. */

import type { Messages } from './messages';

export type Answer = Messages['answer'];
export type Request = Messages['request'];

/** An array of any shape, row by row. */
export interface Numbers {
  shape: number[];
  data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

const EDGE = 8;
const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u1: Uint8Array };

interface Packed {
  type: keyof typeof TYPES;
  shape: number[];
  at: number;
}

export function decoded(frame: ArrayBuffer): Answer {
  const length = new DataView(frame).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(frame, 4, length));
  const arrays = Math.ceil((4 + length) / EDGE) * EDGE;
  return JSON.parse(text, (_, value: unknown) =>
    isPacked(value) ? unpacked(frame, arrays, value) : value,
  ) as Answer;
}

function isPacked(value: unknown): value is Packed {
  return typeof value === 'object' && value !== null && 'at' in value && 'shape' in value;
}

function unpacked(frame: ArrayBuffer, arrays: number, { type, shape, at }: Packed): Numbers {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: new TYPES[type](frame, arrays + at, length) };
}
