/** Tables as spreadsheets read them (RFC 4180). Pure. */

export type Cell = string | number;

export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

/**
 * What begins like a formula is none: a spreadsheet would reckon what a client said (OWASP, CSV injection). It begins a cell after a semicolon and on a new line, too, where lists
 * are parted by semicolons: there quotes within a line hold nothing together.
 */
const LIKE_A_FORMULA = /(^|[;\t\r\n])(?= *[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])/g;

function cell(value: Cell): string {
  if (typeof value === 'number') return String(value);
  const text = value.replace(LIKE_A_FORMULA, "$1'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
