/** Texts with formulas between dollars, in paragraphs. */

export interface Piece {
  readonly kind: 'text' | 'formula' | 'display';
  readonly text: string;
}

/** A paragraph for each empty line; "$…$" is a formula, "$$…$$" one on a line of its own. */
export function paragraphs(text: string): Piece[][] {
  return text.split('\n\n').map((paragraph) =>
    paragraph
      .split(/(\$\$[^$]+\$\$|\$[^$]+\$)/)
      .filter((part) => part !== '')
      .map((part): Piece => {
        if (part.startsWith('$$')) return { kind: 'display', text: part.slice(2, -2) };
        if (part.startsWith('$')) return { kind: 'formula', text: part.slice(1, -1) };
        return { kind: 'text', text: part };
      }),
  );
}
