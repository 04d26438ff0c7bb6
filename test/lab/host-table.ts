/** Plain hosts of a lab chosen from hosts.tsv, for a home of one's own: `startLab({ hosts, table: tableOf(file, keep) })`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type HostRow = { readonly name: string; readonly vendor: string; readonly kind: string };

/** Writes the rows that are kept, in their order, to `file` and returns it. */
export function tableOf(file: string, keep: (row: HostRow) => boolean): string {
  const lines = readFileSync(path.join(import.meta.dirname, 'hosts.tsv'), 'utf8').split('\n');
  const kept = lines.filter((line) => {
    const [name = '', , vendor = '', kind = ''] = line.split('\t');
    return name !== '' && !name.startsWith('#') && keep({ name, vendor, kind });
  });
  writeFileSync(file, `${kept.join('\n')}\n`);
  return file;
}
