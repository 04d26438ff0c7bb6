/** The agent's looks against real processes: this program, and ones that do what a process can do wrong. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LookRequest } from '../../src/agent/ports.ts';
import { createLifecycleLooker } from '../../src/platform/lifecycle-looker.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const HEARTHBEAT = [process.execPath, 'bin/hearthbeat.mjs'];
const AT = Date.parse('2026-11-23T08:00:00Z');
const BRIDGE = { id: '0'.repeat(26), vendor: 'Philips', model: 'BSB001', kind: 'hub' as const, personal: false };
const REQUEST: LookRequest = {
  at: AT,
  deskAheadMs: 0,
  devices: [{ ...BRIDGE, firstSeenAt: AT - 1_000, ips: ['192.0.2.5'], because: [], macs: [], warrantyUntil: '2027-01-31' }],
};

function lookerOf(program: readonly string[], folder = temporaryFolder(), timeoutMs = 20_000) {
  const complaints: string[] = [];
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (_: string, fields?: { cause?: unknown }) => complaints.push(String(fields?.cause)),
  };
  return { complaints, ...createLifecycleLooker({ program, place: { folder, keys: [] }, log, timeoutMs }) };
}

/** A process that runs this JavaScript in place of the program. */
const playing = (script: string): string[] => [process.execPath, '--eval', script, '--'];

describe('a look by this program', () => {
  it('answers with verdict, timeline and tracks by the catalogue in use', async () => {
    const look = await lookerOf(HEARTHBEAT).look(REQUEST);
    expect(look).toMatchObject({
      catalogue: expect.stringMatching(/^20\d{8}$/),
      now: { at: AT, isSure: true },
      standings: [
        {
          device: BRIDGE.id,
          verdict: {
            state: 'overdue',
            tell: 'client',
            ends: { on: '2020-04-30' },
            timeline: expect.arrayContaining([{ what: 'the warranty', on: '2027-01-31' }]),
          },
          tracks: [
            { cause: 'cloud', name: 'philips-hue-bridge-v1', ends: '2020-04-30' },
            { cause: 'warranty', ends: '2027-01-31' },
          ],
        },
      ],
    });
  });

  it('is not sure of a clock that is behind the catalogue, whoever vouches for it', async () => {
    const look = await lookerOf(HEARTHBEAT).look({ ...REQUEST, at: Date.parse('2020-01-01'), deskAheadMs: 0 });
    expect(look).toMatchObject({ now: { isSure: false } });
  });

  it('has another mark, and another name, when people add facts', async () => {
    const folder = temporaryFolder();
    const looker = lookerOf(HEARTHBEAT, folder);
    const before = await looker.mark();
    expect(await looker.mark()).toBe(before);
    const fact = { id: 'own', vendor: 'Philips', product: 'Own', kind: 'hub', match: { models: ['Own'] }, ends: { support: '2020' } };
    const proof = {
      sources: [{ title: 'Us', url: 'https://us.example' }],
      readOn: '2026-01-01',
      confidence: 'high',
      examples: [{ model: 'Own' }],
    };
    writeFileSync(join(folder, 'lifecycle-own.jsonl'), `${JSON.stringify({ ...fact, ...proof })}\n`);
    expect(await looker.mark()).not.toBe(before);
    expect(await looker.look(REQUEST)).toMatchObject({ catalogue: expect.stringMatching(/^20\d{8}\+[0-9a-f]{16}$/) });
  });
});

describe('a look that goes wrong is no answer', () => {
  it.each([
    ['hangs', 'setInterval(() => {}, 1000)', 'longer than'],
    ['never reads what it is given', 'process.stdin.destroy(); setInterval(() => {}, 1000)', 'longer than'],
    ['fails with a word', 'console.error("no catalogue"); process.exit(3)', 'no catalogue'],
    ['is killed', 'process.kill(process.pid, "SIGKILL")', 'SIGKILL'],
    ['says nothing', '', 'makes no sense'],
    ['says nonsense', 'console.log("[1, 2")', 'makes no sense'],
    ['says something else', 'console.log(JSON.stringify({ standings: [{ device: 1 }] }))', 'makes no sense'],
    ['never stops talking', 'const more = () => process.stdout.write("x".repeat(1 << 20), more); more()', 'too long'],
  ])('of a process that %s', async (_, script, why) => {
    const looker = lookerOf(playing(script), undefined, 3_000);
    expect(await looker.look(REQUEST)).toBe('failed');
    expect(looker.complaints).toEqual([expect.stringContaining(why)]);
  });

  it('of a program that is not there', async () => {
    const looker = lookerOf(['/nowhere/hearthbeat']);
    expect(await looker.look(REQUEST)).toBe('failed');
    expect(looker.complaints).toEqual([expect.stringContaining('ENOENT')]);
  });

  it('and is complained of once, until one succeeds', async () => {
    const looker = lookerOf(playing(''));
    for (let n = 0; n < 3; n++) await looker.look(REQUEST);
    expect(looker.complaints).toHaveLength(1);
  });

  it('and ends with the agent, without a word', async () => {
    const looker = lookerOf(playing('setInterval(() => {}, 1000)'), undefined, 60_000);
    const look = looker.look(REQUEST);
    looker.close();
    expect(await look).toBe('failed');
    expect(looker.complaints).toEqual([]);
  });
});
