/** A stop within seconds whenever it comes, with nothing half-written; and a full table of open files, which is neither the end of the agent nor in the way of its stop. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { quietHub } from '../fakes/quiet-hub.ts';

/** From before it has read its settings until it watches. */
const MOMENTS = fc.sample(fc.integer({ min: 100, max: 3_500 }), { seed: 5, numRuns: 5 });

const stored = (data: string): { check: unknown; version: unknown; life: string } => {
  const db = new Database(join(data, 'agent.db'), { readonly: true });
  const life = db.prepare("SELECT value FROM meta WHERE key = 'life'").pluck().get() as string;
  const found = { check: db.pragma('integrity_check', { simple: true }), version: db.pragma('user_version', { simple: true }), life };
  db.close();
  return found;
};

/** One whose stop hangs says so when it ends itself, before systemd would (src/cli/main.ts): no time of this machine is measured. */
const NONE: string[] = [];

/** What is open stays open; standard input, output and errors are the first three. */
const NONE_MORE = 3;

describe('the agent', { timeout: 180_000 }, () => {
  it('stops in order soon after SIGTERM at any moment, and leaves a whole database', async ({ expect, onTestFinished }) => {
    const hub = quietHub(onTestFinished);
    for (const ms of MOMENTS) {
      const running = hub.start(hub.args('agent'));
      await sleep(ms);
      running.kill('SIGTERM');
      expect((await running.ended).complaints, `asked after ${ms} ms`).toEqual(NONE);
    }
    const running = await hub.watch();
    await sleep(1_000);
    running.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(readdirSync(hub.data).filter((name) => /-(wal|journal)$|\.tmp$/.test(name))).toEqual([]);
    const { check, version, life } = stored(hub.data);
    expect({ check, version }).toEqual({ check: 'ok', version: AGENT_MIGRATIONS.length });
    expect(JSON.parse(life)).toMatchObject({ stopped: true });
  });

  it('lives on without a file to open, answers again when there are some, and stops in time', async ({ expect, onTestFinished }) => {
    const hub = quietHub(onTestFinished);
    const running = await hub.watch([], { limitMs: 60_000 });
    const pid = readFileSync(join(hub.data, 'agent.pid'), 'utf8').trim();
    const allow = (most: number): void => void execFileSync('prlimit', ['--pid', pid, `--nofile=${most}:1024`]);
    allow(NONE_MORE);
    await sleep(12_000);
    expect((await hub.run(hub.args('status', '--json'))).code).toBe(1);
    allow(1024);
    expect(JSON.parse((await hub.run(hub.args('status', '--json'))).stdout)).toMatchObject({ running: true });
    expect(readFileSync(join(hub.data, 'agent.pid'), 'utf8').trim()).toBe(pid);
    allow(NONE_MORE);
    await sleep(2_000);
    running.kill('SIGTERM');
    expect((await running.ended).complaints).toEqual(NONE);
    expect(stored(hub.data).check).toBe('ok');
  });

  it('starts with forty open files', async ({ expect, onTestFinished }) => {
    const hub = quietHub(onTestFinished);
    const starting = [...hub.args('agent')];
    const running = hub.start(starting, { openFiles: 40 });
    await running.said('The agent is watching.');
    running.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});
