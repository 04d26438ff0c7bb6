/**
 * What a printer tells of its supplies (Printer-MIB, RFC 3805, prtMarkerSuppliesTable): apart from each other what is used up with every page (toner, ink, waste boxes)
 * and what wears out as a part (drum, fuser, transfer belt, maintenance kit). Pure.
 */
import type { SnmpValue } from './snmp-message.ts';
import type { Row } from './snmp-session.ts';
import { type Fields, textOf } from './snmp-tables.ts';

const SUPPLY = '1.3.6.1.2.1.43.11.1.1';
const COLUMNS = {
  class: `${SUPPLY}.4`,
  type: `${SUPPLY}.5`,
  name: `${SUPPLY}.6`,
  unit: `${SUPPLY}.7`,
  capacity: `${SUPPLY}.8`,
  level: `${SUPPLY}.9`,
};
export const SUPPLIES = { columns: Object.values(COLUMNS), limit: 16 };

/** PrtMarkerSuppliesTypeTC: opc, developer, fuser, coronaWire, cleanerUnit, transferUnit, fuserOiler. */
const PARTS = new Set<SnmpValue>([9, 10, 15, 16, 18, 20, 22]);
/** Of type other or unknown, as HP and OKI have their kits and belts. */
const OTHER = new Set<SnmpValue>([1, 2]);
const PART_NAMES = /\b(drum|fus(?:er|ing)|transfer|belt|maintenance|imaging unit|image unit|photoconductor|opc|rollers?|feeder kit)\b/i;
/** PrtMarkerSuppliesClassTC: what fills up instead of running out. */
const RECEPTACLE = 4;
/** PrtMarkerSuppliesSupplyUnitTC. */
const PERCENT = 19;
const LONGEST_NAME = 30;
const LONGEST_FIELD = 480;

/** `printerParts` and `printerSupplies`: `Drum Unit=42; Fuser=3`, percent that is left. What does not tell how much is left is not in them. */
export function supplyFields(rows: readonly Row[]): Fields {
  const seen = new Map<string, number>();
  const told = rows.flatMap(({ cells }) => {
    const percent = percentOf(cells);
    const name = textOf(cells.get(COLUMNS.name), LONGEST_NAME)?.replace(/[=;]/g, ' ');
    if (percent === undefined || name === undefined) return [];
    // Colour printers may have four drums of one name.
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return [{ isPart: isPart(cells, name), text: `${name}${times > 1 ? ` ${times}` : ''}=${percent}` }];
  });
  const listed = (wanted: boolean): string => joined(told.filter(({ isPart }) => isPart === wanted).map(({ text }) => text));
  const fields = { printerParts: listed(true), printerSupplies: listed(false) };
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ''));
}

function isPart(cells: Row['cells'], name: string): boolean {
  const type = cells.get(COLUMNS.type);
  if (cells.get(COLUMNS.class) === RECEPTACLE) return false;
  return PARTS.has(type) || (OTHER.has(type) && PART_NAMES.test(name));
}

/** Negative is no number: -1 other, -2 unknown, -3 some is left. */
function percentOf(cells: Row['cells']): number | undefined {
  const [level, capacity] = [cells.get(COLUMNS.level), cells.get(COLUMNS.capacity)];
  if (typeof level !== 'number' || level < 0) return undefined;
  const full = typeof capacity === 'number' && capacity > 0 ? capacity : cells.get(COLUMNS.unit) === PERCENT ? 100 : undefined;
  // Rounded up: what is not empty is not 0.
  return full === undefined || level > full ? undefined : Math.ceil((level * 100) / full);
}

/** As many as a field holds. */
function joined(texts: readonly string[]): string {
  const fitting = texts.filter((_, i) => texts.slice(0, i + 1).join('; ').length <= LONGEST_FIELD);
  return fitting.join('; ');
}
