/** Text tables that fit the terminal: columns that do not fit are left out by rank, long cells are cut with an ellipsis. */

export type Column = {
  readonly title: string;
  /** The narrowest that still helps; 0 or none: the column is never cut. */
  readonly atLeast?: number;
  /** Left out first where the width is short: the highest rank of all. None: always shown. */
  readonly rank?: number;
};

/** A cell, and how to colour it once it has its final width. */
export type Cell = { readonly text: string; readonly paint?: ((text: string) => string) | undefined };

const GAP = '  ';

/** The lines of the table, the titles first. `width` in terminal cells; Infinity keeps everything. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paintTitle: (text: string) => string,
): string[] {
  const cells = [columns.map(({ title }): Cell => ({ text: title, paint: paintTitle })), ...rows];
  const natural = columns.map((_, index) => Math.max(...cells.map((row) => textWidth(row[index]?.text ?? ''))));
  const widths = fitted(columns, natural, width);
  const shown = columns.flatMap((_, index) => (widths[index] === undefined ? [] : [index]));
  return cells.map((row) =>
    shown
      .map((index) => drawn(row[index], widths[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** A width for each column, undefined for those left out. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number): (number | undefined)[] {
  const widths: (number | undefined)[] = [...natural];
  const smallest = (index: number): number => Math.min(natural[index] ?? 0, columns[index]?.atLeast || Number.POSITIVE_INFINITY);
  const total = (size: (index: number) => number): number => {
    const shown = columns.flatMap((_, index) => (widths[index] === undefined ? [] : [index]));
    return shown.reduce((sum, index) => sum + size(index), 0) + GAP.length * (shown.length - 1);
  };
  const byRank = columns.map((column, index) => ({ rank: column.rank ?? 0, index })).filter(({ rank }) => rank > 0);
  for (const { index } of byRank.sort((a, b) => b.rank - a.rank)) if (total(smallest) > width) widths[index] = undefined;
  while (total((index) => widths[index] ?? 0) > width) {
    const widest = columns
      .flatMap((_, index) => ((widths[index] ?? 0) > smallest(index) ? [index] : []))
      .sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function drawn(cell: Cell | undefined, width: number): string {
  const text = cut(cell?.text ?? '', width);
  const padding = ' '.repeat(Math.max(0, width - textWidth(text)));
  return (cell?.paint ? cell.paint(text) : text) + padding;
}

export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let short = '';
  for (const character of text) {
    if (textWidth(short + character) > width - 1) break;
    short += character;
  }
  return `${short.trimEnd()}…`;
}

// East Asian wide and full-width forms (UAX #11) and emoji take two cells, combining marks none.
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += /\p{M}|\u200d|\ufe0f/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
