/**
 * `hearthbeat scan --deep` in a home of 61 hosts (real daemons, scripted devices, plain hosts) and in one of 98: who is who against the truth,
 * and what asking costs by the counters of the hub's own interface.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Finished, HEARTHBEAT, type Lab, startLab } from './harness.ts';

const SCHEMA = path.resolve(import.meta.dirname, '../../config/schemas/devices.schema.json');

type Sent = { readonly packets: number; readonly bytes: number };
type Field = { readonly right: number; readonly wrong: number; readonly notSaid: number };
type Score = {
  readonly fields: Record<'vendor' | 'kind' | 'model' | 'name', Field>;
  readonly misses: Record<string, string[]>;
  readonly unsaid: Record<string, string[]>;
};

/** Devices that nowhere say their model. */
const SHOW_NO_MODEL: readonly string[] = [];

describe.each([
  { hosts: 23, all: 61 },
  { hosts: 60, all: 98 },
])('in a home of $all hosts', ({ hosts, all }) => {
  let lab: Lab;
  let scan: Finished;
  let sent: Sent;
  let score: Score;
  beforeAll(async () => {
    lab = await startLab({ hosts, real: true, devices: true });
    const before = await sentBy(lab);
    scan = await lab.hubRun([...HEARTHBEAT, 'scan', '--deep', '--json'], { user: 'nobody', timeoutMs: 90_000 });
    const after = await sentBy(lab);
    sent = { packets: after.packets - before.packets, bytes: after.bytes - before.bytes };
    score = await scored(lab, scan.stdout);
    console.info(
      `${all} hosts: ${(scan.durationMs / 1000).toFixed(1)} s, ${sent.packets} packets, ${sent.bytes} bytes`,
      score.misses,
      score.unsaid,
    );
  }, 180_000);
  afterAll(() => lab?.down());

  test('a deep scan is complete and prints JSON that is as its schema says', () => {
    expect(scan).toMatchObject({ code: 0, stderr: '' });
    const document = JSON.parse(scan.stdout);
    expect(document.complete).toBe(true);
    expect(z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA, 'utf8'))).safeParse(document).error).toBeUndefined();
  });

  test('each host is there exactly once', () => {
    expect(score).toMatchObject({
      recall: 1,
      precision: 1,
      missed: [],
      ghosts: [],
      counted_twice: [],
      hosts: { all: { found: all, of: all } },
    });
  });

  test('vendor and kind of everything that says something are right, and no model or name is wrong', () => {
    expect(score.misses).toEqual({});
    expect(score.unsaid).not.toHaveProperty('vendor');
    expect(score.unsaid).not.toHaveProperty('kind');
    expect(score.unsaid.model ?? []).toEqual(SHOW_NO_MODEL);
  });

  test('all of it takes less than a minute, 3,000 packets and 2 MB', () => {
    expect(scan.durationMs).toBeLessThan(60_000);
    expect(sent.packets).toBeLessThan(3_000);
    expect(sent.bytes).toBeLessThan(2_000_000);
  });
});

async function sentBy(lab: Lab): Promise<Sent> {
  const folder = '/sys/class/net/eth0/statistics';
  const { stdout } = await lab.hubRun(['cat', `${folder}/tx_packets`, `${folder}/tx_bytes`]);
  const [packets = Number.NaN, bytes = Number.NaN] = stdout.trim().split('\n').map(Number);
  return { packets, bytes };
}

async function scored(lab: Lab, json: string): Promise<Score> {
  const running = promisify(execFile)(path.join(import.meta.dirname, 'score'), ['--prefix', lab.prefix, '-'], {
    env: { ...process.env, LAB_NODE: process.execPath },
  });
  running.child.stdin!.end(json);
  return JSON.parse((await running).stdout);
}
