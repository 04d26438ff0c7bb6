/**
 * Since when address blocks are given out: config/lifecycle/address-blocks.bin, made by scripts/mac-ages.ts from dated copies of the IEEE's public list, which
 * address-blocks.json names in their order. Layout: magic; for 36-, 28- and 24-bit prefixes their rows (prefix-rows.ts) with the number of the last copy that
 * does not hold the block (1 byte). What the first copy holds is not in it.
 */
import { readFileSync } from 'node:fs';
import type { BlockMonthOf } from '../agent/lifecycle/address-block.ts';
import { endOf, numberIn, PREFIX_HEX_DIGITS, type PrefixRows, prefixRowsAt } from './prefix-rows.ts';

export const BLOCKS_MAGIC = 'HBBLOCK1\n';
export const COPY_BYTES = 1;

const FOLDER = new URL('../../config/lifecycle/', import.meta.url);

/**
 * A copy of the list, and what dates it: the newest block that it holds and the oldest that it lacks, each with the day on which hdm/mac-ages and runZeroInc/mac-tracker
 * first saw it. `small`: it holds MA-M and MA-S blocks too.
 */
export type DatedCopy = {
  readonly copy: string;
  readonly small?: true;
  readonly holds: readonly [prefix: string, day: string];
  readonly lacks?: readonly [prefix: string, day: string];
};

export function readDatedCopies(): DatedCopy[] {
  return JSON.parse(readFileSync(new URL('address-blocks.json', FOLDER), 'utf8')) as DatedCopy[];
}

/** Reads both files once. Throws when one is missing or not ours: the installation is broken then. */
export function openAddressBlocks(): BlockMonthOf {
  const file = new URL('address-blocks.bin', FOLDER);
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, BLOCKS_MAGIC.length) !== BLOCKS_MAGIC) throw new Error(`${file} is no table of address blocks`);
  const months = readDatedCopies().map(({ holds: [, day] }) => day.slice(0, 7));
  const tables: PrefixRows[] = [];
  for (const digits of PREFIX_HEX_DIGITS)
    tables.push(prefixRowsAt(bytes, tables.length === 0 ? BLOCKS_MAGIC.length : endOf(tables.at(-1) as PrefixRows), digits, COPY_BYTES));
  return (mac) => {
    const hex = mac.replaceAll(':', '');
    for (const table of tables) {
      const copy = numberIn(table, hex);
      if (copy !== undefined) return months[copy];
    }
    return undefined;
  };
}
