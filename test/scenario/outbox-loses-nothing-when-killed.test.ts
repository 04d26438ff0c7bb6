import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { entryBodySchemas } from '../../src/protocol/messages.ts';
import { startChild } from '../fakes/child.ts';
import { isAfter } from '../fakes/desk.ts';
import { startDeskOn } from '../fakes/desk-on-broker.ts';
import { startHubOn, until } from '../fakes/hub-on-broker.ts';
import { HAS_MOSQUITTO, mosquittoOnLoopback } from '../fakes/mosquitto.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const AGENT = new URL('../fakes/committing-agent.ts', import.meta.url).pathname;
/** `HB_KILLS=1000` for the long run. */
const KILLS = Number(process.env.HB_KILLS ?? 10);

describe.skipIf(!HAS_MOSQUITTO)('an agent that is killed again and again, its broker too', () => {
  it('tells the desk each committed alert once, in order, and nothing else', { timeout: 60_000 + KILLS * 2_000 }, async () => {
    const broker = await mosquittoOnLoopback();
    await broker.start();
    const { desk } = startDeskOn(broker);
    const folder = temporaryFolder();
    for (let i = 1; i <= KILLS; i++) {
      const agent = startChild(process.execPath, [AGENT, folder, broker.url]);
      await agent.ready();
      await sleep(Math.random() * 800);
      if (i % 5 === 0) await broker.kill();
      await sleep(Math.random() * 100);
      await agent.kill('SIGKILL');
      if (i % 5 === 0) await broker.start();
    }
    const hub = startHubOn({ folder, urls: [broker.url] });
    await until('the outbox is empty', () => hub.uplink.status().granted && hub.store.outbox.waiting().count === 0, 60_000);

    const raised = desk.history.filter(({ k }) => k === 'alert.raised').sort((a, b) => (isAfter(a, b) ? 1 : -1));
    const keys = raised.map(({ d }) => entryBodySchemas['alert.raised'].parse(d).key);
    expect(keys).toEqual(committedKeys(folder));
    expect(keys.length).toBeGreaterThan(KILLS);
    expect(
      desk.statuses.some(({ s }) => s === 'offline'),
      'the broker told of a lost hub',
    ).toBe(true);
    expect(desk.malformed).toBe(0);
  });
});

/** Each alert was saved in the transaction of its entry, so these are exactly the entries that were committed, in order. */
function committedKeys(folder: string): string[] {
  const db = new Database(join(folder, 'agent.db'), { readonly: true });
  const keys = db.prepare<[], string>('SELECT key FROM alert ORDER BY id').pluck().all();
  db.close();
  return keys;
}
