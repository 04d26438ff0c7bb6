import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { boxFact, editionOf, rowsOf, signerNamed } from '../builders/lifecycle-editions.ts';
import { CAN_BE_NOBODY, type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal, refusalDocument } from '../fakes/expect-refusal.ts';

const maker = signerNamed('ACME Integrators');
const BOXES = Array.from({ length: 20 }, (_, i) => boxFact(i + 1));

/** In a home whose settings trust `maker`. */
function home(place: Workplace) {
  const data = join(place.folder, 'data');
  const config = place.file('hearthbeat.yaml', JSON.stringify({ data, lifecycle: { keys: [maker.line] } }));
  const edition = (serial: number, signer = maker) => place.file(`${serial}.jsonl`, editionOf(BOXES, serial, signer));
  return { data, edition, lifecycle: (...args: string[]) => place.run(['lifecycle', ...args, '--config', config]) };
}

describe.concurrent('hearthbeat lifecycle', { timeout: 60_000 }, () => {
  it('update takes a newer edition; show, check and export speak by it at once', async ({ expect, onTestFinished }) => {
    const { edition, lifecycle, data } = home(workplace(onTestFinished));
    mkdirSync(data);
    const taken = await lifecycle('update', edition(2026112401));
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    expect(taken.stdout).toMatch(
      /^The catalogue in use is now that of 2026-11-24, signed by ACME Integrators: 20 facts, 20 new, \d+ gone since /,
    );
    expect((await lifecycle('show', 'acme-box-7')).stdout).toContain('ACME Box 7');
    expect((await lifecycle('export', '--format', 'openeox')).stdout).toContain('Box 7');
    const again = await lifecycle('update', edition(2026112401), '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, taken: false, serial: 2026112401, facts: 20 });
  });

  it('update refuses with one reason and one thing to do, in words and for programs', async ({ expect, onTestFinished }) => {
    const { edition, lifecycle } = home(workplace(onTestFinished));
    const theirs = edition(2026112401, signerNamed('Nobody'));
    expectRefusal(await lifecycle('update', theirs), { says: /signed by a key that this hub does not trust/, fix: /--key/ }, expect);
    const told = await lifecycle('update', theirs, '--json');
    expect(refusalDocument(told)).toMatchObject({ code: 'HB_CATALOGUE_REFUSED', fix: expect.stringMatching(/lifecycle\.keys/) });
    expectRefusal(await lifecycle('update', join(theirs, 'none')), { says: /does not exist/, fix: /signed edition/, exit: 2 }, expect);
  });

  it.skipIf(!CAN_BE_NOBODY)('update says whose folder it is where this user may not write', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { edition, data } = home(place);
    const file = edition(2026112401);
    for (const path of [file, join(place.folder, 'hearthbeat.yaml')]) chmodSync(path, 0o644);
    mkdirSync(data, { mode: 0o755 });
    const run = () => place.run(['lifecycle', 'update', file, '--config', join(place.folder, 'hearthbeat.yaml')], { asNobody: true });
    expectRefusal(await run(), { says: /this user may not write there/, fix: /chown/ }, expect);
    chmodSync(file, 0o600);
    expectRefusal(await run(), { says: /may not be read by this user/, fix: /Name a signed edition/, exit: 2 }, expect);
  });

  it('add and remove keep own facts of an integrator, and show names them as his', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { lifecycle } = home(place);
    const own = place.file('own.jsonl', rowsOf([boxFact('gate', { id: 'my-gate', product: 'Gate' })]));
    expect(await lifecycle('add', own)).toMatchObject({ code: 0, stdout: expect.stringContaining('Added on this hub: my-gate.') });
    expect((await lifecycle('show', 'my-gate')).stdout).toMatch(/Source +added on this hub: ACME: end of life/);
    expect(JSON.parse((await lifecycle('remove', 'my-gate', '--json')).stdout)).toEqual({ ok: true, removed: 'my-gate', left: 0 });
    expectRefusal(await lifecycle('remove', 'my-gate'), { says: /No fact of your own is called "my-gate"/, fix: /none/ }, expect);
  });
});
