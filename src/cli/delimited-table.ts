/** Tables as spreadsheets write them (RFC 4180): cells in quotes or not, parted by comma, semicolon (where the comma is for numbers) or tab. */

/** `line`: where the row begins, from 1. */
export type TableRow = { readonly line: number; readonly cells: readonly string[] };

/** The rows that hold something, cells without blanks around them. What parts them is what the first line has most of. */
export function readTable(text: string): readonly TableRow[] {
  const body = text.replace(/^\uFEFF/, '');
  const parting = partingOf(body.slice(0, body.search(/\r?\n|$/)));
  const rows: TableRow[] = [];
  let [line, began] = [1, 1];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endRow = (): void => {
    const row = [...cells, cell].map((each) => each.trim());
    if (row.some((each) => each !== '')) rows.push({ line: began, cells: row });
    [cells, cell, began] = [[], '', line + 1];
  };
  for (let i = 0; i < body.length; i++) {
    const letter = body[i] as string;
    if (isQuoted && letter === '"' && body[i + 1] === '"') cell += body[++i];
    else if (letter === '"' && (isQuoted || cell.trim() === '')) isQuoted = !isQuoted;
    else if (!isQuoted && letter === parting) [cells, cell] = [[...cells, cell], ''];
    else if (!isQuoted && letter === '\n') endRow();
    else cell += letter;
    if (letter === '\n') line++;
  }
  endRow();
  return rows;
}

function partingOf(head: string): string {
  const count = (letter: string): number => head.split(letter).length;
  return [',', ';', '\t'].reduce((best, letter) => (count(letter) > count(best) ? letter : best));
}
