// `npm run mac-ages [-- --copies DIR]`: makes config/lifecycle/address-blocks.bin from the dated copies of the IEEE's list that address-blocks.json names. They come from npm
// and Debian packages, of which nothing is run, into a folder that is removed again; DIR keeps them, and is used as it is next time. Needs `apt-get` for Debian's.
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BLOCKS_MAGIC, COPY_BYTES, type DatedCopy, readDatedCopies } from '../src/platform/address-blocks.ts';
import { PREFIX_HEX_DIGITS } from '../src/platform/prefix-rows.ts';
import { readOptions } from './options.ts';
import { prefixRows } from './write-prefix-rows.ts';

const { values } = readOptions({ options: { copies: { type: 'string' } } });
const target = new URL('../config/lifecycle/address-blocks.bin', import.meta.url);
const folder = values.copies ?? mkdtempSync(path.join(tmpdir(), 'address-blocks-'));
const copies = readDatedCopies();
/** By prefix the number of the newest copy that lacks it. */
const lackedBy = new Map<string, number>();
const seen = new Set<string>();

try {
  copies.forEach((copy, n) => {
    const prefixes = prefixesOf(copy);
    prove(copy, n, prefixes);
    const before = { large: n - 1, small: copies.findLastIndex(({ small }, m) => m < n && small) };
    for (const prefix of prefixes) {
      const last = prefix.length === 6 ? before.large : before.small;
      if (!seen.has(prefix) && last >= 0) lackedBy.set(prefix, last);
      seen.add(prefix);
    }
  });
} finally {
  if (values.copies === undefined) rmSync(folder, { recursive: true });
}

// A small block that the large one around it bounds as well needs no row of its own.
const rows = [...lackedBy].filter(([prefix, copy]) => prefix.length === 6 || copy > (lackedBy.get(prefix.slice(0, 6)) ?? -1)).sort();
const tables = PREFIX_HEX_DIGITS.map((digits) =>
  prefixRows(
    rows.filter(([prefix]) => prefix.length === digits),
    digits,
    COPY_BYTES,
  ),
);
const bytes = Buffer.concat([Buffer.from(BLOCKS_MAGIC), ...tables]);
writeFileSync(target, bytes);
process.stdout.write(`${copies.length} copies, ${seen.size} blocks, ${rows.length} of them bounded, ${bytes.length} bytes\n`);

/** A copy that does not hold what dates it is another one than was meant. */
function prove({ copy, holds, lacks }: DatedCopy, n: number, prefixes: ReadonlySet<string>): void {
  const earlier = copies[n - 1];
  const isDated = prefixes.has(holds[0]) && !(lacks && prefixes.has(lacks[0])) && (!earlier || earlier.holds[1] < holds[1]);
  if (!isDated) throw new Error(`${copy} is not of the time that address-blocks.json says`);
}

/** `npm PACKAGE VERSION FILE...` or `debian PACKAGE VERSION FILE...`. */
function prefixesOf({ copy }: DatedCopy): Set<string> {
  const [system, name = '', version = '', ...files] = copy.split(' ');
  const place = path.resolve(folder, `${name}-${version}`);
  if (!existsSync(place)) fetchInto(place, system, name, version);
  return new Set(files.flatMap((file) => prefixesIn(file, readFileSync(path.join(place, file), 'utf8'))));
}

function fetchInto(place: string, system: string | undefined, name: string, version: string): void {
  const packed = `${place}.packed`;
  // What a run left that was ended.
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed, { recursive: true });
  const quietly = { cwd: packed, timeout: 120_000, stdio: ['ignore', 'ignore', 'pipe'] } satisfies ExecFileSyncOptions;
  if (system === 'npm') execFileSync('npm', ['pack', `${name}@${version}`, '--ignore-scripts', '--silent'], quietly);
  else execFileSync('apt-get', ['download', '-qq', `${name}=${version}`], quietly);
  const [archive = ''] = readdirSync(packed);
  const unpacked = path.join(packed, 'all');
  mkdirSync(unpacked);
  if (system === 'npm') execFileSync('tar', ['xzf', archive, '-C', unpacked, '--strip', '1'], quietly);
  else execFileSync('dpkg-deb', ['-x', archive, unpacked], quietly);
  // Debian's lie where the package would install them.
  renameSync(system === 'npm' ? unpacked : path.join(unpacked, 'usr/share', name), place);
  rmSync(packed, { recursive: true });
}

/** Lower-case hex digits: 6, 7 or 9. */
function prefixesIn(file: string, text: string): string[] {
  const found = file.endsWith('.json')
    ? Object.keys(JSON.parse(text) as object)
    : [...text.matchAll(file.endsWith('.csv') ? /^MA-[LMS],([0-9A-F]+),/gm : /^([0-9A-F]{6})\s+\(base 16\)/gm)].map(
        ([, prefix = '']) => prefix,
      );
  return found.map((prefix) => prefix.toLowerCase());
}
