/** Reads the fingerprint rules that come with the product: every JSON file in config/fingerprints is a list of rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { compileFingerprints, type Fingerprints } from '../agent/inventory/fingerprints.ts';

const FOLDER = new URL('../../config/fingerprints/', import.meta.url);

/** All rules as they are written, in the order of file names. */
export function readFingerprintRules(folder: URL = FOLDER): unknown[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return files.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown[]);
}

/** Throws when a file is no rule file: the installation is broken then. */
export function readFingerprints(): Fingerprints {
  return compileFingerprints(readFingerprintRules());
}
