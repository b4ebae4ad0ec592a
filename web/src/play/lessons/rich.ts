/** Texts with formulas between dollars, in paragraphs. */

export interface Piece {
  readonly kind: 'text' | 'formula' | 'display';
  readonly text: string;
  /** The mark behind a short formula, from which no line may part it. */
  readonly mark?: string;
}

// What closes or divides a sentence; and letters of a formula that always has room in a line.
const MARKS = /^[.,:;?!)、。）」]+/;
const SHORT = 40;

/** A paragraph for each empty line; "$…$" is a formula, "$$…$$" one on a line of its own. */
export function paragraphs(text: string): Piece[][] {
  return text.split('\n\n').map((paragraph) =>
    marked(
      paragraph
        .split(/(\$\$[^$]+\$\$|\$[^$]+\$)/)
        .filter((part) => part !== '')
        .map((part): Piece => {
          if (part.startsWith('$$')) return { kind: 'display', text: part.slice(2, -2) };
          if (part.startsWith('$')) return { kind: 'formula', text: part.slice(1, -1) };
          return { kind: 'text', text: part };
        }),
    ),
  );
}

/** Marks go to the formulas before them. */
function marked(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  for (const piece of pieces) {
    const before = found.at(-1);
    const [mark] = (piece.kind === 'text' && MARKS.exec(piece.text)) || [''];
    const isBeside = before?.kind === 'formula' && before.text.length <= SHORT;
    if (!mark || !isBeside) found.push(piece);
    else {
      found.splice(-1, 1, { ...before, mark });
      if (piece.text !== mark) found.push({ ...piece, text: piece.text.slice(mark.length) });
    }
  }
  return found;
}
