/** `hearthbeat scan` as an ordinary user in a home of 98 hosts: real daemons, scripted devices and plain hosts, some of which answer nothing but ARP. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Finished, HEARTHBEAT, type Lab, startLab } from './harness.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SCHEMA = path.join(ROOT, 'config/schemas/devices.schema.json');

let lab: Lab;
let scan: Finished;
let packetsAbroad: number;
beforeAll(async () => {
  lab = await startLab({ hosts: 60, real: true, devices: true });
  await countPacketsAbroad();
  scan = await lab.hubRun([...HEARTHBEAT, 'scan', '--json'], { user: 'nobody' });
  packetsAbroad = await packetsSentAbroad();
}, 90_000);
afterAll(() => lab?.down());

test('a scan is complete within 8 seconds and prints JSON that is as its schema says', () => {
  expect(scan).toMatchObject({ code: 0, stderr: '' });
  expect(scan.durationMs).toBeLessThan(8000);
  const document = JSON.parse(scan.stdout);
  expect(document.complete).toBe(true);
  expect(z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA, 'utf8'))).safeParse(document).error).toBeUndefined();
});

test('a scan finds every host that is up once and none that is not, and says nothing wrong about any', async () => {
  const score = await scored(scan.stdout);
  expect(score).toMatchObject({ recall: 1, precision: 1, missed: [], ghosts: [], counted_twice: [], misses: {} });
  expect(score.hosts.all).toEqual({ found: 98, of: 98 });
  const wrong = Object.entries(score.fields).filter(([, field]) => field.wrong > 0);
  expect(wrong).toEqual([]);
  expect(score.fields.vendor?.right).toBeGreaterThan(80);
  expect(score.fields.name?.right).toBeGreaterThan(20);
});

test('a scan sends nothing out of the house', async () => {
  expect(packetsAbroad).toBe(0);
  await lab.hubRun(['ping', '-c', '1', '-W', '1', '198.51.100.80']);
  expect(await packetsSentAbroad(), 'the counter sees a packet that does leave').toBeGreaterThan(0);
});

test('on a terminal the first devices are on the screen within a second', async () => {
  const tries = [await firstRowMs(), await firstRowMs(), await firstRowMs()];
  // The best of three: other programs on the machine may have been in the way of the others.
  expect(Math.min(...tries)).toBeLessThan(1000);
});

/** From the start of the program to the first device with its maker on the screen of a terminal. */
async function firstRowMs(): Promise<number> {
  const command = `stty cols 120 rows 50; exec ${HEARTHBEAT.join(' ')} scan --seconds 2`;
  const startedAt = performance.now();
  const child = lab.hubExec(['script', '-qfec', command, '/dev/null'], { user: 'nobody', stdio: ['ignore', 'pipe', 'inherit'] });
  let screen = '';
  let firstAt: number | undefined;
  for await (const text of child.stdout!) {
    screen += text;
    if (/192\.168\.77\.\d+ .*TP-Link/.test(screen)) firstAt ??= performance.now();
  }
  expect(screen).toMatch(/98 devices on eth0 \(192\.168\.77\.0\/24\)/);
  return (firstAt ?? Number.POSITIVE_INFINITY) - startedAt;
}

type Score = {
  hosts: Record<string, { found: number; of: number }>;
  fields: Record<string, { right: number; wrong: number }>;
};

async function scored(json: string): Promise<Score> {
  const running = promisify(execFile)(path.join(import.meta.dirname, 'score'), ['--prefix', lab.prefix, '-'], {
    env: { ...process.env, LAB_NODE: process.execPath },
  });
  running.child.stdin!.end(json);
  return JSON.parse((await running).stdout);
}

/** The LAN itself, multicast that routers keep in it, and the machine's own loopback are home; everything else is abroad. */
async function countPacketsAbroad(): Promise<void> {
  const { code, stderr } = await lab.hubRun([
    'nft',
    `table inet watch {
      chain out {
        type filter hook output priority 0;
        oif lo accept
        ip daddr { 192.168.77.0/24, 224.0.0.0/24, 239.255.255.250 } accept
        ip6 daddr { fe80::/10, ff02::/16 } accept
        counter
      }
    }`,
  ]);
  if (code !== 0) throw new Error(stderr);
}

async function packetsSentAbroad(): Promise<number> {
  const { stdout } = await lab.hubRun(['nft', 'list', 'table', 'inet', 'watch']);
  return Number(/counter packets (\d+)/.exec(stdout)?.[1] ?? Number.NaN);
}
