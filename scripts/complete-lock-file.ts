// `npm run lock`, after every change of a dependency: adds to package-lock.json the builds for other systems (macOS, Windows, musl ...) that
// npm left out, and lists what is in it in THIRD-PARTY-NOTICES.md. npm drops an optional package that the registry in use does not
// have, and then refuses its own lock file in `npm ci`. An added entry has no integrity: it is only installed on the system it names.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type LockFile, missingBuilds, thirdPartyNotices } from './lock-file.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const FILE = path.join(ROOT, 'package-lock.json');

const lock = JSON.parse(readFileSync(FILE, 'utf8')) as LockFile;
const added = missingBuilds(lock);
const packages = Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
writeFileSync(path.join(ROOT, 'THIRD-PARTY-NOTICES.md'), thirdPartyNotices(lock));
process.stderr.write(`package-lock.json: ${Object.keys(added).length} builds for other systems added\n`);
