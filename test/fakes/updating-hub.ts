/**
 * A process that takes one edition after another until it is killed: `node updating-hub.ts FOLDER KEY FROM`. It says each serial when it is in use.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keepEdition, whileHolding } from '../../src/platform/lifecycle-store.ts';
import { boxFact, editionOf } from '../builders/lifecycle-editions.ts';

const [folder = '', key = '', from = ''] = process.argv.slice(2);
const signer = { privateKey: createPrivateKey(readFileSync(key)), line: '' };
const facts = Array.from({ length: 400 }, (_, i) => boxFact(i));

for (let serial = Number(from); ; serial++) {
  if (serial % 100 === 0) continue;
  const bytes = Buffer.from(editionOf(facts, serial, signer));
  whileHolding(folder, () => keepEdition(folder, bytes));
  process.stdout.write(`${serial}\n`);
}
