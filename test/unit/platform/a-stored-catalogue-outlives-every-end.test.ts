import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepEdition, keepOwn, readCatalogueInUse, readEditionInUse, whileHolding } from '../../../src/platform/lifecycle-store.ts';
import { makeTemporaryFolder } from '../../../src/platform/temporary-folder.ts';
import { boxFact, editionOf, signerNamed } from '../../builders/lifecycle-editions.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

const maker = signerNamed('ACME Integrators');
const HUB = new URL('../../fakes/updating-hub.ts', import.meta.url).pathname;
const KILLS = 12;

it(`is whole, and no older than the last one that was said to be in use, wherever ${KILLS} kills fall`, { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const key = join(folder, 'key.pem');
  writeFileSync(key, maker.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const place = { folder: join(folder, 'data'), keys: [maker.line] };
  let said = 2030010101;
  let written = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const hub = spawn(process.execPath, [HUB, place.folder, key, String(said + 1)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    hub.stdout.on('data', (text: Buffer) => (told += text));
    await once(hub.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, kill * 7));
    hub.kill('SIGKILL');
    await once(hub, 'close');
    const lines = told.split('\n').slice(0, -1).map(Number);
    said = lines.at(-1) ?? said;
    written += lines.length;
    const { serial, troubles } = readEditionInUse(place);
    expect(troubles).toEqual([]);
    // One more may have been in use before it could be said.
    expect([said, said + 1, said + 2]).toContain(serial);
    said = serial;
  }
  expect(written).toBeGreaterThan(KILLS);
  whileHolding(place.folder, () => keepEdition(place.folder, readFileSync(join(place.folder, 'lifecycle-catalogue.jsonl'))));
  expect(readdirSync(place.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
});

const CAN_MOUNT = mounted((folder) => folder !== undefined);

it.skipIf(!CAN_MOUNT)('stays where the disk is full, the catalogue and own facts both, and that is said', () => {
  mounted((data) => {
    const place = { folder: data ?? '', keys: [maker.line] };
    const edition = (count: number, serial: number) =>
      Buffer.from(
        editionOf(
          Array.from({ length: count }, (_, i) => boxFact(i)),
          serial,
          maker,
        ),
      );
    whileHolding(place.folder, () => {
      keepEdition(place.folder, edition(40, 2026112302));
      keepOwn(place.folder, [JSON.stringify(boxFact('own'))]);
    });
    const full = { code: 'HB_DATA_FOLDER', message: expect.stringMatching(/no space is left on its disk/) };
    expect(() => whileHolding(place.folder, () => keepEdition(place.folder, edition(1_000, 2026112401)))).toThrow(
      expect.objectContaining(full),
    );
    const many = Array.from({ length: 1_000 }, (_, i) => JSON.stringify(boxFact(i)));
    expect(() => whileHolding(place.folder, () => keepOwn(place.folder, many))).toThrow(expect.objectContaining(full));
    expect(readCatalogueInUse(place)).toMatchObject({ serial: 2026112302, own: 1, troubles: [] });
    expect(readdirSync(place.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
    whileHolding(place.folder, () => keepEdition(place.folder, edition(41, 2026112401)));
    expect(readEditionInUse(place).serial).toBe(2026112401);
  });
});

it('is written by one process at a time', () => {
  const folder = temporaryFolder();
  whileHolding(folder, () => {
    expect(() => whileHolding(folder, () => undefined)).toThrow(expect.objectContaining({ code: 'HB_ALREADY_RUNNING' }));
  });
  expect(whileHolding(folder, () => 'free again')).toBe('free again');
});

/** A disk of 256 KiB; undefined where this user may not mount one. */
function mounted<T>(use: (folder: string | undefined) => T): T {
  const { path, remove } = makeTemporaryFolder('hearthbeat-test-');
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path]).status === 0;
  try {
    return use(isMounted ? path : undefined);
  } finally {
    if (isMounted) execFileSync('umount', [path]);
    remove();
  }
}
