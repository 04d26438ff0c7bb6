/**
 * What a dealer's own list says of the devices of a home: when they were installed, how long they are under warranty, where they stand. Every row finds its device, or is told as
 * unknown or unclear; every cell that cannot be read is told with its line. Pure.
 */
import type { DeviceView } from '../agent/diagnostics/view.ts';
import type { Correctable } from '../agent/inventory/device.ts';
import { correctValue } from '../agent/inventory/order-form.ts';
import { parseMac } from '../base/mac-address.ts';
import { cleanText } from '../base/text.ts';
import { readTable, type TableRow } from './delimited-table.ts';

const MOST_ROWS = 5_000;
const LONGEST_CELL = 128;

type Key = 'mac' | 'serial' | 'ip' | 'name';
type Field = Extract<Correctable, 'installed' | 'warranty-until' | 'room'>;

/** What lists call the columns, without blanks, hyphens and case. */
const COLUMNS: Readonly<Record<Key | Field, readonly string[]>> = {
  mac: ['mac', 'macaddress'],
  serial: ['serial', 'serialnumber', 'serialno', 'sn'],
  ip: ['ip', 'ipaddress', 'address'],
  name: ['name', 'device', 'devicename'],
  installed: ['installed', 'installedon', 'installdate', 'installationdate'],
  'warranty-until': ['warrantyuntil', 'warranty', 'warrantyend', 'warrantyends', 'warrantyexpires'],
  room: ['room', 'location', 'place'],
};
const KEYS: readonly Key[] = ['mac', 'serial', 'ip', 'name'];
const FIELDS: readonly Field[] = ['installed', 'warranty-until', 'room'];

export type ImportProblem = { readonly line: number; readonly problem: string };
/** `says`: its cells that name a device, for people. */
export type UnplacedRow = { readonly line: number; readonly says: string; readonly why: string };
export type ImportedRow = {
  readonly line: number;
  readonly device: DeviceView;
  /** What is new in it; empty where all of it was said before. */
  readonly set: Readonly<Partial<Record<Field, string>>>;
};

export type Import = {
  /** Any of them, and nothing is to be imported. */
  readonly problems: readonly ImportProblem[];
  readonly rows: readonly ImportedRow[];
  readonly unplaced: readonly UnplacedRow[];
  /** Columns that say nothing we know. */
  readonly ignored: readonly string[];
};

export function readImport(text: string, devices: readonly DeviceView[]): Import {
  const [head, ...body] = readTable(text);
  const nothing = { rows: [], unplaced: [], ignored: [] };
  if (!head)
    return {
      ...nothing,
      problems: [{ line: 1, problem: 'The file is empty. Its first line names the columns: mac,installed,warranty_until' }],
    };
  const columns = head.cells.map(columnOf);
  const wrong = headProblem(columns) ?? (body.length > MOST_ROWS ? `There are more than ${MOST_ROWS} rows.` : undefined);
  if (wrong !== undefined) return { ...nothing, problems: [{ line: head.line, problem: wrong }] };
  const read = body.map((row) => readRow(row, columns));
  const placed = read.map((row) => ({ ...row, found: row.problems.length > 0 ? [] : devicesFor(row, devices) }));
  const rows = placed.flatMap(({ line, says, found }) => (found.length === 1 ? [{ line, device: found[0] as DeviceView, says }] : []));
  return {
    problems: [...read.flatMap(({ problems }) => problems), ...contradictions(rows)].toSorted((a, b) => a.line - b.line),
    rows: rows.map(({ line, device, says }) => ({ line, device, set: newIn(says, device) })),
    unplaced: placed.flatMap(({ line, keys, problems, found }) =>
      problems.length > 0 || found.length === 1 ? [] : [{ line, says: Object.values(keys).join(', '), why: whyUnplaced(found) }],
    ),
    ignored: head.cells.filter((cell, i) => columns[i] === undefined && cell !== '').flatMap((cell) => cleanText(cell, 40) ?? []),
  };
}

function columnOf(cell: string): Key | Field | undefined {
  const plain = cell.toLowerCase().replace(/[^a-z]/g, '');
  return [...KEYS, ...FIELDS].find((column) => COLUMNS[column].includes(plain));
}

function headProblem(columns: readonly (Key | Field | undefined)[]): string | undefined {
  const known = columns.filter((column) => column !== undefined);
  const twice = known.find((column, i) => known.indexOf(column) !== i);
  if (twice !== undefined) return `Two columns are ${twice}.`;
  if (!known.some((column) => KEYS.includes(column as Key))) return `No column names the device: one of ${KEYS.join(', ')}.`;
  if (!known.some((column) => FIELDS.includes(column as Field))) return 'No column says anything of it: installed, warranty_until or room.';
  return undefined;
}

type ReadRow = {
  readonly line: number;
  readonly keys: Readonly<Partial<Record<Key, string>>>;
  readonly says: Readonly<Partial<Record<Field, string>>>;
  readonly problems: readonly ImportProblem[];
};

/** An empty cell says nothing. */
function readRow({ line, cells }: TableRow, columns: readonly (Key | Field | undefined)[]): ReadRow {
  const keys: Partial<Record<Key, string>> = {};
  const says: Partial<Record<Field, string>> = {};
  const problems: ImportProblem[] = [];
  for (const [i, cell] of cells.entries()) {
    const [column, text] = [columns[i], cleanText(cell, LONGEST_CELL)];
    if (column === undefined || text === undefined) continue;
    if (isField(column)) {
      const value = readValue(column, text);
      if (typeof value === 'string') says[column] = value;
      else problems.push({ line, problem: value.problem });
    } else if (column === 'mac' && parseMac(text) === undefined) problems.push({ line, problem: `"${text}" is no MAC address.` });
    else keys[column] = column === 'mac' ? (parseMac(text) as string) : text;
  }
  if (problems.length === 0 && Object.keys(keys).length === 0) problems.push({ line, problem: 'The row names no device.' });
  return { line, keys, says, problems };
}

function isField(column: Key | Field): column is Field {
  return (FIELDS as readonly string[]).includes(column);
}

function readValue(field: Field, text: string): string | { readonly problem: string } {
  if (field === 'room') return text;
  const value = correctValue(field, isoOf(text));
  if (typeof value === 'string') return value;
  const isEither = /^\d{1,2}\/\d{1,2}\/\d{4}$/.test(text);
  const hint = isEither ? 'It could be read in two ways: write 2019-05-31.' : 'Write 2019, 2019-05, 2019-05-31 or 31.05.2019.';
  return { problem: `"${text}" is no date. ${hint}` };
}

/** Of days as spreadsheets write them; with strokes only where no other reading makes sense. */
function isoOf(text: string): string {
  const [, day, month, year] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text) ?? [];
  const [, first = '', second = '', last] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  const iso = (y: string, m: string, d: string): string => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  if (year !== undefined && month !== undefined && day !== undefined) return iso(year, month, day);
  if (last === undefined) return text;
  if (Number(first) > 12 || first === second) return iso(last, second, first);
  return Number(second) > 12 ? iso(last, first, second) : text;
}

/** Those that one cell names and no MAC or serial number excludes: addresses and names change, these do not. */
function devicesFor({ keys }: ReadRow, devices: readonly DeviceView[]): readonly DeviceView[] {
  const words = { ...keys, serial: keys.serial?.toUpperCase(), name: keys.name?.toLowerCase() };
  return devices.filter(({ macs, serial, ips, name }) => {
    const told = serial?.toUpperCase();
    if (words.mac !== undefined && macs.length > 0 && !macs.includes(words.mac)) return false;
    if (words.serial !== undefined && told !== undefined && told !== words.serial)
      return words.mac !== undefined && macs.includes(words.mac);
    return (
      (words.mac !== undefined && macs.includes(words.mac)) ||
      (words.serial !== undefined && told === words.serial) ||
      (words.ip !== undefined && ips.includes(words.ip)) ||
      (words.name !== undefined && name?.toLowerCase() === words.name)
    );
  });
}

function whyUnplaced(found: readonly DeviceView[]): string {
  return found.length === 0 ? 'no such device is known here' : `it fits ${found.length} devices: add their MAC addresses`;
}

/** Two rows that say different things of one device. */
function contradictions(
  rows: readonly { readonly line: number; readonly device: DeviceView; readonly says: ReadRow['says'] }[],
): ImportProblem[] {
  const first = new Map<string, { readonly line: number; readonly value: string }>();
  return rows.flatMap(({ line, device, says }) =>
    (Object.entries(says) as [Field, string][]).flatMap(([field, value]) => {
      const key = `${device.id} ${field}`;
      const before = first.get(key);
      if (!before) first.set(key, { line, value });
      return before && before.value !== value
        ? [{ line, problem: `It is the device of line ${before.line}, of which ${field} is "${before.value}" there and "${value}" here.` }]
        : [];
    }),
  );
}

function newIn(says: ReadRow['says'], { corrected }: DeviceView): ImportedRow['set'] {
  return Object.fromEntries((Object.entries(says) as [Field, string][]).filter(([field, value]) => corrected?.[field]?.value !== value));
}
