import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { replaces, sealEdition, staleWords } from '../../../src/agent/lifecycle/edition.ts';
import { HearthbeatError } from '../../../src/base/errors.ts';
import { lifecycleAdd, lifecycleRemove } from '../../../src/cli/commands/lifecycle-own.ts';
import { lifecycleUpdate } from '../../../src/cli/commands/lifecycle-update.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import { builtInEdition } from '../../../src/platform/lifecycle-files.ts';
import { readCatalogueInUse, readEditionInUse } from '../../../src/platform/lifecycle-store.ts';
import { boxFact, editionOf, rowsOf, signerNamed } from '../../builders/lifecycle-editions.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

type Verb = (context: CliContext, command: Command) => Promise<number>;
type Told = { readonly words: string; readonly fix: string; readonly code: string; readonly tookMs: number };

const [maker, stranger] = [signerNamed('ACME Integrators'), signerNamed('Nobody')];
const BOXES = Array.from({ length: 40 }, (_, i) => boxFact(i + 1));
const GOOD = editionOf(BOXES, 2026112302, maker);
const LINES = GOOD.split('\n');

/** A hub whose settings trust `maker`, and that has taken an edition of 23 November already. */
async function hub() {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const place = { folder: data, keys: [maker.line] };
  const file = (content: string | Buffer, name = 'edition.jsonl'): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const config = file(JSON.stringify({ data, lifecycle: { keys: place.keys } }), 'hearthbeat.yaml');
  const run = (verb: Verb, ...args: string[]) => told(verb, [...args, '--config', config]);
  expect((await run(lifecycleUpdate, file(GOOD))).code).toBe('');
  return { folder, data, place, file, run, inUse: () => readEditionInUse(place) };
}

async function told(verb: Verb, args: readonly string[]): Promise<Told> {
  let words = '';
  const command = new Command('verb').argument('<what>').option('--key <file>').option('--json').option('-c, --config <file>');
  command.exitOverride().parse(args, { from: 'user' });
  const output = { write: (text: string) => (words += text) };
  const context = { stdout: output, stderr: output, env: {}, version: '0', signal: new AbortController().signal };
  const before = process.cpuUsage();
  // Of the processor, which others may have meanwhile.
  const tookMs = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  try {
    await verb(context, command);
    return { words, fix: '', code: '', tookMs: tookMs() };
  } catch (error) {
    if (!(error instanceof HearthbeatError)) throw error;
    return { words: error.message, fix: error.fix, code: error.code, tookMs: tookMs() };
  }
}

const signed = (facts: readonly object[], serial = 2026112401) => editionOf(facts, serial, maker);
const withLine = (n: number, change: (line: string) => string) => LINES.map((line, i) => (i === n ? change(line) : line)).join('\n');
const flipped = (at: number) => {
  const bytes = Buffer.from(GOOD);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};
const header = (change: object) => withLine(0, (line) => JSON.stringify({ ...JSON.parse(line), ...change }));
/** As large as may be, and bad in its last row only. */
const fullSize = (last: object) => signed([...Array.from({ length: 2_999 }, (_, i) => boxFact(`n${i}`)), last]);
const sameModel = (count: number) => Array.from({ length: count }, (_, i) => boxFact(i, { match: { models: ['Box', `Box ${i}`] } }));
const wordy = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [i.toString(36), 1]));
const lying = lyingEdition();
const spellings = Array.from({ length: 40 }, (_, i) => `x${'-'.repeat(i)}`);
const systems = (name: string, count = 1) =>
  Array.from({ length: count }, (_, i) =>
    boxFact(i, { match: { system: { name, from: `${i}`, below: `${i + 1}` } }, examples: [{ firmware: `${name} ${i}` }] }),
  );

const BAD: readonly (readonly [what: string, content: string | Buffer, why: RegExp])[] = [
  ['empty', '', /is empty/],
  ['not signed', LINES.slice(0, -2).join('\n').concat('\n'), /is not signed/],
  ['signed by a stranger', editionOf(BOXES, 2026112401, stranger), /signed by a key that this hub does not trust \([0-9a-f]{16}\)/],
  ['signed by a stranger under a trusted name', stolenName(), /was changed after ACME Integrators signed it/],
  ['older', signed(BOXES, 2026112301), /is older \(2026-11-23\) than the catalogue in use \(2026-11-23 \(2\)\)/],
  ['older than what comes with the product', signed(BOXES, 2020010101), /is older \(2020-01-01\)/],
  ['of the same number, with other content', signed(BOXES.slice(1), 2026112302), /has the same number .* something else/],
  ['cut off in its first line', GOOD.slice(0, 30), /is cut off in its first line/],
  ['cut off after its first line', `${LINES[0]}\n`, /is cut off: 0 of 40 facts/],
  ['cut off in the middle of a fact', GOOD.slice(0, GOOD.length / 2), /is cut off: \d+ of 40 facts/],
  ['cut off between facts', `${LINES.slice(0, 11).join('\n')}\n`, /is cut off: 10 of 40 facts/],
  ['cut off in the signature', GOOD.slice(0, -20), /is cut off: 40 of 40 facts are there, and no whole signature/],
  ['without its last line end', GOOD.slice(0, -1), /no whole signature/],
  ['a bit flipped in a fact', flipped(Math.floor(GOOD.length / 2)), /is damaged/],
  ['a bit flipped in its number', header({ serial: 2026112409 }), /was changed after ACME Integrators signed it/],
  [
    'a bit flipped in its signature',
    withLine(41, (line) => line.replace(/"signature":"./, (text) => `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)),
    /was changed after ACME/,
  ],
  ['something behind the signature', `${GOOD}{"id":"more"}\n`, /does not end with a signature/],
  ['a fact more before the signature', withLine(40, (line) => `${line}\n${JSON.stringify(boxFact(99))}`), /is damaged/],
  ['huge', `${LINES[0]}\n${'x'.repeat(4 * 1024 * 1024)}`, /is larger than 3 MiB/],
  ['compressed', gzipSync(GOOD), /is compressed \(gzip\)/],
  ['a gzip bomb', gzipSync(Buffer.alloc(200 * 1024 * 1024)), /is compressed \(gzip\)/],
  ['a zip', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(400)]), /is compressed \(zip\)/],
  ['with CR LF', GOOD.replaceAll('\n', '\r\n'), /its lines end with CR LF/],
  ['in UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(GOOD, 'utf16le')]), /UTF-16/],
  ['with a byte order mark', `\ufeff${GOOD}`, /BOM/],
  ['something else', '<!doctype html><title>404</title>'.repeat(100), /is no edition of the lifecycle catalogue/],
  ['a file of facts', rowsOf(BOXES), /is no edition/],
  ['of a newer form', GOOD.replace('lifecycle-1', 'lifecycle-2'), /of a form that this version does not know/],
  ['without a sensible date', header({ serial: 2026023001 }), /first line that says nothing sensible/],
  ['with a fractional number', header({ serial: 2026112401.5 }), /first line that says nothing sensible/],
  ['with a word too many in its first line', header({ trust: 'me' }), /first line that says nothing sensible/],
  ['no JSON at all in a row', sealEdition('{"id":\n', 2026112401, maker.privateKey), /line 1 is no JSON/],
  ['of a wrong schema', signed([boxFact(1), boxFact(2, { colour: 'red' })]), /line 2\.colour is unknown here/],
  ['with one id twice', signed([boxFact(1), boxFact(1)]), /is the id of two facts/],
  ['with a date that is none', signed([boxFact(1, { ends: { security: '2025-02-30' } })]), /line 1\.ends\.security is no date/],
  ['with dates in the wrong order', signed([boxFact(1, { released: '2026', ends: { security: '2025' } })]), /is before the release/],
  ['that its own examples disprove', signed([boxFact(1, { examples: [{ model: 'Box 2' }] })]), /is not met by its own fact/],
  ['with a path for an id', signed([boxFact(1, { id: '../../agent.db' })]), /line 1\.id is lower-case/],
  ['that writes on the terminal', signed([boxFact(1, { product: 'Box\u001b[2J' })]), /line 1\.product is no plain text/],
  ['with a huge row', signed([boxFact(1, { stays: 'x'.repeat(9_000) })]), /a fact that is too long, in line 2/],
  ['with too many facts', signed(Array.from({ length: 3_001 }, (_, i) => boxFact(i))), /has 3001 facts, and may have 3000/],
  ['of a million empty facts', sealEdition('{}\n'.repeat(1_000_000), 2026112401, maker.privateKey), /has 1000000 facts, and may have 3000/],
  ['of a million empty facts under a small number', lying, /has 1000000 facts and says 40/],
  ['of words that nobody knows', signed(Array.from({ length: 370 }, () => wordy)), /line 1\.\w+ /],
  ['with a crowd on one model', signed(sameModel(400)), /has 400 facts about "box", and may have 32/],
  [
    'with 40 names of 7 makers each',
    signed(Array.from({ length: 500 }, (_, i) => boxFact(i, { match: { models: spellings }, alsoCalled: ['A', 'B', 'C', 'D', 'E', 'F'] }))),
    /names of models, and may have 8000/,
  ],
  ['with a system of dots', signed(systems('.. - ..')), /match\.system\.name must begin and end with a letter/],
  ['with a crowd on one system', signed(systems('BoxOS', 300)), /has 300 facts about versions of BoxOS, and may have 100/],
  ['bad in the last of 3,000 facts', fullSize(boxFact('bad', { colour: 'red' })), /line 3000\.colour is unknown here/],
];

/** Signed in earnest, and its header says less than there is. */
function lyingEdition(): string {
  const whole = sealEdition('{}\n'.repeat(1_000_000), 2026112401, maker.privateKey);
  const signedPart = whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1).replace('"facts":1000000', '"facts":40');
  const last = JSON.parse(whole.slice(whole.lastIndexOf('\n', whole.length - 2)));
  return `${signedPart}${JSON.stringify({ ...last, signature: sign(null, Buffer.from(signedPart), maker.privateKey).toString('base64') })}\n`;
}

function stolenName(): string {
  const [own, false_] = [LINES.at(-2) ?? '', editionOf(BOXES, 2026112302, stranger).split('\n').at(-2) ?? ''];
  return GOOD.replace(own, false_.replace(/"key":"[^"]+"/, /"key":"[^"]+"/.exec(own)?.[0] ?? ''));
}

describe('a file that is refused', () => {
  it.for(BAD)('%s: says why and what to do in less than a second, and the old one stays', async ([, content, why], { expect }) => {
    const { run, file, inUse, data } = await hub();
    const before = readFileSync(join(data, 'lifecycle-catalogue.jsonl'));
    const { code, words, fix, tookMs } = await run(lifecycleUpdate, file(content));
    expect(code).toBe('HB_CATALOGUE_REFUSED');
    expect(words).toMatch(why);
    expect(words).toMatch(/ The catalogue in use stays \(2026-11-23 \(2\)\)\.$/);
    expect(fix).toMatch(/^[A-Z].{10,}/);
    expect(tookMs).toBeLessThan(1_000);
    expect(readFileSync(join(data, 'lifecycle-catalogue.jsonl')).equals(before)).toBe(true);
    expect(inUse()).toMatchObject({ serial: 2026112302, signedBy: 'ACME Integrators', troubles: [] });
  });

  it('is never waited for: a pipe, a device, a folder, a broken link, and what may not be read', async () => {
    const { folder, run, inUse } = await hub();
    const at = (name: string) => join(folder, name);
    execFileSync('mkfifo', [at('pipe')]);
    mkdirSync(at('folder'));
    symlinkSync(at('nowhere'), at('link'));
    for (const [name, why] of [
      [at('pipe'), /is a pipe or a device, not a file/],
      ['/dev/zero', /is a pipe or a device, not a file/],
      [at('folder'), /is a folder/],
      [at('link'), /does not exist/],
      [join(at('hearthbeat.yaml'), 'below-a-file'), /does not exist/],
      ['x'.repeat(5_000), /does not exist/],
    ] as const) {
      const { code, words, tookMs } = await run(lifecycleUpdate, name);
      expect([code, words]).toEqual(['HB_USAGE', expect.stringMatching(why)]);
      expect(tookMs).toBeLessThan(1_000);
    }
    expect(inUse().serial).toBe(2026112302);
  });

  it('is refused when it is dated after a clock that is sure', () => {
    const next = { ...JSON.parse(LINES[0] ?? ''), serial: 2026120101 };
    const [inUse, day] = [builtInEdition(), (text: string) => Date.parse(text)];
    expect(replaces(next, inUse, day('2026-11-24'))).toMatchObject({
      ok: false,
      error: { why: 'is dated in the future (2026-12-01; today is 2026-11-24)', fix: expect.stringMatching(/clock/) },
    });
    for (const now of [undefined, day('2026-11-30T12:00Z'), day('2028-01-01')])
      expect(replaces(next, inUse, now)).toEqual({ ok: true, value: 'newer' });
  });
});

describe('a newer catalogue', () => {
  it('is in use from then on, and says what is new', async () => {
    const { run, file, place, data } = await hub();
    const changed = [boxFact('new'), boxFact(3, { ends: { security: '2026' } }), ...BOXES.slice(3)];
    const { words } = await run(lifecycleUpdate, file(signed(changed)));
    expect(words).toBe(
      'The catalogue in use is now that of 2026-11-24, signed by ACME Integrators: 39 facts, 1 new, 1 changed, 2 gone since 2026-11-23 (2).\n',
    );
    expect(readCatalogueInUse(place).catalogue.facts.get('acme-box-3')?.ends).toEqual({ security: '2026' });
    expect(statSync(join(data, 'lifecycle-catalogue.jsonl')).mode & 0o777).toBe(0o644);
  });

  it('stays when an older one was read before it and is written after it', async () => {
    const { run, file, inUse } = await hub();
    const [newer, older] = [file(signed(BOXES, 2026112501), 'newer.jsonl'), file(signed(BOXES, 2026112401), 'older.jsonl')];
    const [first] = await Promise.all([run(lifecycleUpdate, newer), run(lifecycleUpdate, older)]);
    expect([first.code, inUse().serial]).toEqual(['', 2026112501]);
  });

  it('that is in use already changes nothing, and is no error', async () => {
    const { run, file } = await hub();
    expect((await run(lifecycleUpdate, file(GOOD))).words).toBe('The catalogue in use is this one already: 2026-11-23 (2), 40 facts.\n');
  });

  it('of another key is taken with --key, and that key is trusted from then on', async () => {
    const { run, file, place } = await hub();
    const pem = createPublicKey(stranger.privateKey).export({ type: 'spki', format: 'pem' }) as string;
    const theirs = (serial: number) => file(editionOf(BOXES, serial, stranger));
    expect((await run(lifecycleUpdate, theirs(2026112401), '--key', file(maker.line, 'maker.pub'))).words).toMatch(/does not trust/);
    expect((await run(lifecycleUpdate, theirs(2026112401), '--key', file(pem, 'key.pub'))).code).toBe('');
    expect((await run(lifecycleUpdate, theirs(2026112402))).code).toBe('');
    expect(readEditionInUse(place)).toMatchObject({ serial: 2026112402, signedBy: 'a key without a name' });
  });

  it.for([
    ['a private key', maker.privateKey.export({ type: 'pkcs8', format: 'pem' }), /holds a private key/],
    [
      'an RSA key',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }),
      /holds no public Ed25519 key/,
    ],
    ['two keys', `${maker.line}\n${stranger.line}`, /more than one key/],
    ['nothing', '# none yet', /holds no public Ed25519 key/],
  ] as const)('is not taken with a key file that holds %s', async ([, content, why], { expect }) => {
    const { run, file, inUse } = await hub();
    const { code, words } = await run(lifecycleUpdate, file(signed(BOXES)), '--key', file(content, 'key.pub'));
    expect([code, words]).toEqual(['HB_USAGE', expect.stringMatching(why)]);
    expect(inUse().serial).toBe(2026112302);
  });
});

describe('a stored catalogue', () => {
  it.for([
    ['was damaged on the disk', (path: string) => writeFileSync(path, flipped(2_000)), /is damaged/],
    ['was cut off', (path: string) => writeFileSync(path, GOOD.slice(0, 3_000)), /is cut off/],
    [
      'became a folder',
      (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
      /cannot be read/,
    ],
  ] as const)('that %s is not used: the one of this version holds, and that is told', async ([, harm, why], { expect }) => {
    const { data, place, run, file } = await hub();
    harm(join(data, 'lifecycle-catalogue.jsonl'));
    const { serial, troubles } = readEditionInUse(place);
    expect(serial).toBe(builtInEdition().serial);
    expect(troubles).toEqual([{ what: expect.stringMatching(why), fix: expect.stringMatching(/hearthbeat lifecycle update/) }]);
    if (statSync(join(data, 'lifecycle-catalogue.jsonl')).isFile()) expect((await run(lifecycleUpdate, file(GOOD))).code).toBe('');
  });

  it('whose key is trusted no more counts no more, nor does its number: whoever stole a key cannot keep the next one out', async () => {
    const { data, run, file, place } = await hub();
    expect((await run(lifecycleUpdate, file(signed(BOXES, 2098010101)))).code).toBe('');
    const next = { folder: data, keys: [stranger.line] };
    expect(readEditionInUse(next)).toMatchObject({
      serial: builtInEdition().serial,
      troubles: [{ what: expect.stringMatching(/does not trust/) }],
    });
    expect(readEditionInUse(place).serial).toBe(2098010101);
    const config = file(JSON.stringify({ data, lifecycle: { keys: next.keys } }), 'next.yaml');
    expect((await told(lifecycleUpdate, [file(editionOf(BOXES, 2026112501, stranger)), '--config', config])).code).toBe('');
    expect(readEditionInUse(next).serial).toBe(2026112501);
  });

  it('that is older than the one that came with a newer version of the product is not used, and nobody is troubled', async () => {
    const { data, place } = await hub();
    writeFileSync(join(data, 'lifecycle-catalogue.jsonl'), signed(BOXES, 2026010101));
    expect(readEditionInUse(place)).toEqual({ ...builtInEdition(), troubles: [] });
  });

  it('is told to be old after a year', () => {
    const day = (text: string) => Date.parse(text);
    expect(staleWords(2026112302, day('2027-11-23'))).toBeUndefined();
    expect(staleWords(2026112302, day('2027-11-25'))).toMatch(/is 367 days old \(2026-11-23 \(2\)\)/);
  });
});

describe('own facts', () => {
  it('are added, marked as such, kept through updates, and taken back', async () => {
    const { run, file, place } = await hub();
    const sources = () => readCatalogueInUse(place).catalogue.facts.get('my-gate')?.sources[0]?.title;
    const gate = boxFact('gate', { id: 'my-gate', product: 'Gate' });
    expect((await run(lifecycleAdd, file(rowsOf([gate]), 'own.jsonl'))).words).toBe(
      'Added on this hub: my-gate. Take one back with: hearthbeat lifecycle remove <fact>\n',
    );
    expect(sources()).toBe('added on this hub: ACME: end of life');
    expect((await run(lifecycleUpdate, file(signed(BOXES)))).code).toBe('');
    expect((await run(lifecycleAdd, file(rowsOf([boxFact('door', { id: 'my-door' })]), 'own.jsonl'))).code).toBe('');
    expect([sources(), readCatalogueInUse(place).own]).toEqual(['added on this hub: ACME: end of life', 2]);
    expect((await run(lifecycleRemove, 'my-gate')).words).toBe('Taken back: my-gate. Facts of your own on this hub: 1.\n');
    expect((await run(lifecycleRemove, 'my-gate')).fix).toBe('Facts of your own on this hub: my-door.');
    expect(sources()).toBeUndefined();
  });

  it('correct a fact of the catalogue whose id they bear', async () => {
    const { run, file, place } = await hub();
    const ends = () => readCatalogueInUse(place).catalogue.facts.get('acme-box-1')?.ends.security;
    expect((await run(lifecycleAdd, file(rowsOf([boxFact(1, { ends: { security: '2031' } })]), 'own.jsonl'))).code).toBe('');
    expect(ends()).toBe('2031');
    await run(lifecycleRemove, 'acme-box-1');
    expect(ends()).toBe('2025-03');
  });

  it('take the place of a fact that a later edition brings under their id', async () => {
    const { run, file, place } = await hub();
    await run(lifecycleAdd, file(rowsOf([boxFact('gate', { ends: { security: '2030' } })]), 'own.jsonl'));
    await run(lifecycleUpdate, file(signed([...BOXES, boxFact('gate')])));
    expect(readCatalogueInUse(place).catalogue.facts.get('acme-box-gate')?.ends).toEqual({ security: '2030' });
  });

  it.for([
    ['do not hold', rowsOf([boxFact('gate', { readOn: undefined })]), /line 1\.readOn is missing/],
    [
      'contradict the catalogue',
      rowsOf([boxFact('gate', { match: { models: ['Box 1'] }, ends: { security: '2030' }, examples: [{ model: 'Box 1' }] })]),
      /says other dates than "acme-box-1"/,
    ],
    ['are a million empty ones', '{}\n'.repeat(1_000_000), /has 1000000 facts, and may have 3000/],
    ['bear one id twice', rowsOf([boxFact('gate'), boxFact('gate')]), /is the id of two facts/],
    ['are too many', rowsOf(Array.from({ length: 201 }, (_, i) => boxFact(`own${i}`))), /has 201 facts; a hub keeps 200/],
  ] as const)('that %s are refused as `lifecycle check` would, and none is kept', async ([, content, why], { expect }) => {
    const { run, file, place } = await hub();
    const { code, words } = await run(lifecycleAdd, file(content, 'own.jsonl'));
    expect([code, words]).toEqual(['HB_CATALOGUE_REFUSED', expect.stringMatching(why)]);
    expect(readCatalogueInUse(place).own).toBe(0);
  });

  it('that somebody broke by hand are left out and told, and are not written over', async () => {
    const { run, file, place, data } = await hub();
    const path = join(data, 'lifecycle-own.jsonl');
    writeFileSync(path, '{"id": 1}\n');
    expect(readCatalogueInUse(place)).toMatchObject({
      own: 0,
      troubles: [{ what: expect.stringMatching(/facts of your own in .* are not used/) }],
    });
    expect((await run(lifecycleAdd, file(rowsOf([boxFact('gate')]), 'own.jsonl'))).fix).toMatch(/Mend or remove lifecycle-own\.jsonl/);
    expect(readFileSync(path, 'utf8')).toBe('{"id": 1}\n');
  });
});
