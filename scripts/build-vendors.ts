/**
 * Makes config/vendors/vendors.bin from the IEEE registries in the npm package oui-data (MA-L, MA-M and MA-S prefixes).
 * The layout is described in src/platform/vendor-registry.ts, which reads it. Run: `node scripts/build-vendors.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { vendorName } from '../src/agent/inventory/vendor-name.ts';
import { PREFIX_HEX_DIGITS } from '../src/platform/prefix-rows.ts';
import { REGISTRY_MAGIC } from '../src/platform/vendor-registry.ts';
import { prefixRows } from './write-prefix-rows.ts';

const registry: Record<string, string> = JSON.parse(readFileSync(new URL('../node_modules/oui-data/index.json', import.meta.url), 'utf8'));
const target = new URL('../config/vendors/vendors.bin', import.meta.url);

/** Blocks that the IEEE sold on in smaller pieces, or that hide their owner, name nobody. */
const NOBODY = /^(ieee registration authority|private)$/i;

const named = Object.entries(registry)
  .map(([prefix, entry]) => [prefix.toLowerCase(), entry.split('\n')[0] ?? ''] as const)
  .filter(([, owner]) => !NOBODY.test(owner.trim()))
  .map(([prefix, owner]) => [prefix, vendorName(owner)] as const)
  .filter((row): row is readonly [string, string] => row[1] !== undefined)
  .sort(([a], [b]) => (a < b ? -1 : 1));

const names = [...new Set(named.map(([, name]) => name))].sort();
const indexOfName = new Map(names.map((name, index) => [name, index]));

function section(digits: number): Buffer {
  const rows = named.filter(([prefix]) => prefix.length === digits).map(([prefix, name]) => [prefix, indexOfName.get(name) ?? 0] as const);
  return prefixRows(rows, digits, 2);
}

function nameTable(): Buffer {
  const texts = names.map((name) => Buffer.from(name));
  const offsets = Buffer.alloc(4 + 4 * (names.length + 1));
  offsets.writeUInt32BE(names.length, 0);
  let end = 0;
  texts.forEach((text, index) => {
    offsets.writeUInt32BE(end, 4 + 4 * index);
    end += text.length;
  });
  offsets.writeUInt32BE(end, 4 + 4 * names.length);
  return Buffer.concat([offsets, ...texts]);
}

if (names.length > 0xffff) throw new Error(`${names.length} vendor names do not fit into 16-bit indexes`);
const file = Buffer.concat([Buffer.from(REGISTRY_MAGIC), ...PREFIX_HEX_DIGITS.map(section), nameTable()]);
writeFileSync(target, file);
console.log(`${named.length} prefixes of ${names.length} vendors, ${file.length} bytes`);
