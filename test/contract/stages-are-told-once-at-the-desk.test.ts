/** What nears its end is told in stages, each once: also where a hub was restored from an old copy of its memory and tells some of them again. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { dropHistoryBefore } from '../../src/desk/store/events.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { downTopic } from '../../src/protocol/topics.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { type FakeHub, snapshot, supportEnding } from '../fakes/hub.ts';

const NAS = newRandomId(seededRandom('nas'));
/** Of `2027-11`: all stages before it may be told. */
const NEAR_THE_END = Date.UTC(2027, 10, 5);
const PAST = '2027-10';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describeOnEachEngine('an end that is told in stages', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let raisedAt: number;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    world.clock = new VirtualClock(NEAR_THE_END);
    await world.start();
    hub = world.hub();
    raisedAt = now();
    await world.send(hub, hub.birth(), hub.entry('alert.raised', ending(180)));
  });

  const now = () => world.clock.now().wallMs;
  const ending = (stage: number, over: Partial<AlertMessage> = {}) => supportEnding(NAS, raisedAt, stage, over);
  const occurrences = () => world.desk.reader.alerts({ site: world.site, code: 'support-ending', limit: 99 });
  const stage = async () => (await occurrences()).map(({ stage, clearedAt }) => (clearedAt === undefined ? stage : `over ${stage}`));
  const told = () =>
    world.link.published.filter(({ topic }) => topic === downTopic(world.site, 'cmd')).map(({ payload }) => JSON.parse(payload).d);
  const post = (over: object) =>
    world.desk.app.fetch(
      new Request('http://localhost/api/v1/alerts/acknowledge', {
        method: 'POST',
        headers: { host: 'localhost', 'content-type': 'application/json' },
        body: JSON.stringify({ site: world.site, key: ending(0).key, raisedHubAt: raisedAt, by: 'Ben', ...over }),
      }),
    );
  /** Said at the desk, and confirmed by the hub. */
  const acknowledge = async (plannedFor?: string): Promise<void> => {
    expect((await post({ plannedFor })).status).toBe(200);
    const by = { by: 'Ben', at: now(), where: 'desk' as const, ...(plannedFor ? { plannedFor } : {}) };
    await world.send(hub, hub.entry('alert.updated', ending(180, { acknowledged: by })));
    expect(await seen()).toMatchObject({ by: 'Ben', untold: false });
  };
  const seen = async () => (await occurrences()).find(({ clearedAt }) => clearedAt === undefined)?.acknowledged;
  /** The hub runs on from an old copy: another start, and another instant at which it raised what it tells again. */
  const restore = async (): Promise<void> => {
    await world.clock.advance(HOUR);
    hub = world.hub();
    raisedAt = now();
    await world.send(hub, hub.birth(), hub.heartbeat());
  };
  const run = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) {
      await world.send(hub, hub.heartbeat());
      await world.clock.advance(5_000);
      await world.desk.drain();
    }
  };

  it('is one occurrence through all its stages, and asks anew at each', async () => {
    await acknowledge();
    await world.send(hub, hub.entry('alert.updated', ending(90)));
    expect([await stage(), await seen()]).toEqual([[90], undefined]);
    expect((await occurrences())[0]).toMatchObject({ severity: 'warning', ends: '2027-11' });
  });

  it('asks nobody at a later stage who said until when it is replaced, but once more when that is over', async () => {
    await acknowledge('2028-03');
    await world.send(hub, hub.entry('alert.updated', ending(90)));
    expect(await seen()).toMatchObject({ plannedFor: '2028-03', untold: true });
    world.clock = new VirtualClock(Date.UTC(2028, 3, 2));
    await world.restart();
    await world.send(hub, hub.heartbeat(), hub.entry('alert.updated', ending(90, { text: 'Planned for 2028-03, and still in use.' })));
    expect([await stage(), await seen()]).toEqual([[90], undefined]);
  });

  it('is no fault: it is counted and shown apart from what is wrong, unless it cannot wait', async () => {
    const read = async (path: string): Promise<string> => {
      const page = await world.desk.app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost' } }));
      return (await page.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    };
    expect(await world.desk.reader.site(world.site)).toMatchObject({
      firing: { total: 0, holding: 0, acknowledged: 0 },
      toPlan: { total: 1, acknowledged: 0 },
    });
    expect(await read('/')).toMatch(/Nothing is wrong that we know of .* To plan for 1 end in 1 home/);
    expect(await read(`/sites/${world.site}`)).toMatch(/Wrong now Nothing that we know of.* To plan for 1/);
    const attacked = { code: 'known-exploited', severity: 'critical', title: 'Attackers use holes in NAS', stage: 0, ends: PAST } as const;
    await world.send(hub, hub.entry('alert.raised', ending(0, { ...attacked, key: `known-exploited:${NAS}:maker-nas` })));
    const many = Array.from({ length: 22 }, () => hub.entry('alert.raised', supportEnding(newRandomId(world.random), raisedAt, 30)));
    await world.send(hub, ...many);
    expect(await read('/')).toMatch(
      /1 thing is wrong in 1 home.* Attackers use holes in NAS .* To plan for 23 ends in 1 home .* and 3 more, each with its home/,
    );
  });

  it('is the same occurrence when a restored hub raises it anew, and the hub hears again who sees to it', async () => {
    await acknowledge();
    const [before] = await occurrences();
    await restore();
    await world.send(hub, hub.entry('alert.raised', ending(180)));
    const after = await occurrences();
    expect(after).toHaveLength(1);
    expect(after[0]).toMatchObject({
      raisedAt: before!.raisedAt,
      receivedAt: before!.receivedAt,
      acknowledged: { by: 'Ben', untold: true },
    });
    await run(20);
    expect(told().at(-1)).toMatchObject({ raisedAt, by: 'Ben' });
    await world.send(hub, hub.entry('alert.cleared', ending(180, { clearedAt: now(), clearedBecause: 'It is gone.' })));
    expect(await stage()).toEqual(['over 180']);
  });

  it('is the same occurrence also where what is worn out has no date', async () => {
    const worn = (over: Partial<AlertMessage> = {}): AlertMessage => ({
      ...supportEnding(NAS, raisedAt, 0, over),
      code: 'battery-due',
      key: `battery-due:${NAS}:battery`,
      ends: undefined,
    });
    const batteries = async () => (await world.desk.reader.alerts({ code: 'battery-due', limit: 9 })).map(({ clearedAt }) => clearedAt);
    await world.send(hub, hub.entry('alert.raised', worn()));
    await restore();
    await world.send(hub, hub.entry('alert.raised', worn()));
    expect(await batteries()).toEqual([undefined]);
    await world.send(hub, hub.entry('alert.cleared', worn({ clearedAt: now() })));
    await restore();
    await world.send(hub, hub.entry('alert.raised', worn()));
    expect(await batteries()).toEqual([expect.any(Number)]);
  });

  it('stays at the stage it had when a restored hub tells an earlier one', async () => {
    await world.send(hub, hub.entry('alert.updated', ending(90)));
    await restore();
    await world.send(hub, hub.entry('alert.raised', ending(365)));
    expect((await occurrences())[0]).toMatchObject({ stage: 90, severity: 'warning', text: expect.stringContaining('90 days') });
    await world.send(hub, hub.entry('alert.updated', ending(90)), hub.entry('alert.updated', ending(30)));
    expect(await stage()).toEqual([30]);
  });

  it('is told at the next stage by a restored hub, under the plan that it forgot', async () => {
    await acknowledge('2028-03');
    await restore();
    await world.send(hub, hub.entry('alert.raised', ending(90)));
    expect([await stage(), await seen()]).toEqual([[90], expect.objectContaining({ plannedFor: '2028-03', untold: true })]);
    await run(20);
    expect(told().at(-1)).toMatchObject({ raisedAt, plannedFor: '2028-03' });
  });

  it('keeps its plan beyond the end, where a hub does not know of it', async () => {
    await acknowledge('2028-12');
    const ended = ending(0, { key: `support-ended:${NAS}:maker-nas`, code: 'support-ended', ends: PAST });
    await world.send(hub, hub.entry('alert.cleared', ending(180, { clearedAt: now() })), hub.entry('alert.raised', ended));
    const [after] = await world.desk.reader.firing(world.site);
    expect(after).toMatchObject({ code: 'support-ended', acknowledged: { by: 'Ben', plannedFor: '2028-12', untold: true } });
    const attacked = ending(0, { key: `known-exploited:${NAS}:maker-nas`, code: 'known-exploited', severity: 'critical', ends: PAST });
    await world.send(hub, hub.entry('alert.raised', attacked));
    expect((await world.desk.reader.firing(world.site))[0]).toMatchObject({ code: 'known-exploited', acknowledged: undefined });
  });

  it('stays over when a restored hub raises or snapshots it, until a stage that was never told', async () => {
    await world.send(hub, hub.entry('alert.cleared', ending(180, { clearedAt: now(), clearedBecause: 'It was replaced.' })));
    await restore();
    await world.send(
      hub,
      hub.entry('alert.raised', ending(365)),
      hub.entry('alert.updated', ending(180)),
      hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [ending(180)] })),
    );
    expect(await stage()).toEqual(['over 180']);
    expect((await occurrences())[0]?.clearedBecause).toBe('It was replaced.');
    await world.send(hub, hub.entry('alert.updated', ending(90)));
    expect(await stage()).toEqual([90, 'over 180']);
  });

  it('stays over when a hub that forgot the end of it tells the very same occurrence', async () => {
    await world.send(hub, hub.entry('alert.cleared', ending(180, { clearedAt: now() })));
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [ending(180)] })));
    expect(await stage()).toEqual(['over 180']);
  });

  it('fires on when only a snapshot of a restored hub leaves it out', async () => {
    await acknowledge();
    await restore();
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [], alerts: [] })));
    expect(await stage()).toEqual([180]);
    await world.send(hub, hub.entry('alert.raised', ending(180)));
    expect([await stage(), await seen()]).toEqual([[180], expect.objectContaining({ by: 'Ben' })]);
  });

  it('is told anew where its maker moved the date', async () => {
    await acknowledge();
    await world.send(hub, hub.entry('alert.updated', ending(365, { ends: '2028-06' })));
    expect([await stage(), await seen()]).toEqual([[365], undefined]);
  });

  it('is not brought back by what the old hub had sent before, arriving late', async () => {
    const late = hub.entry('alert.raised', supportEnding(NAS, raisedAt - HOUR, 365));
    await restore();
    await world.send(hub, hub.entry('alert.raised', ending(90)));
    await world.send(hub, late);
    expect(await occurrences()).toMatchObject([{ stage: 90, raisedHubAt: raisedAt }]);
    await world.send(hub, hub.entry('alert.updated', ending(30)));
    expect(await stage()).toEqual([30]);
  });

  it('is remembered when other history is dropped, but not for ever', async () => {
    const clearedAt = now();
    await world.send(hub, hub.entry('alert.cleared', ending(180, { clearedAt })));
    await dropHistoryBefore(world.database, clearedAt + 365 * DAY);
    expect(await stage()).toEqual(['over 180']);
    await dropHistoryBefore(world.database, clearedAt + 731 * DAY);
    expect(await stage()).toEqual([]);
  });

  it('can be planned for a date that may come true, once more for another, and only where something ends', async () => {
    const answer = async (plannedFor: string): Promise<unknown[]> => {
      const response = await post({ plannedFor });
      return [response.status, ((await response.json()) as { message?: string }).message];
    };
    expect(await answer('March')).toEqual([400, '“March” is no date. Write the year and month, 2027-03, or the day, 2027-03-31.']);
    expect(await answer('2027-02-30')).toEqual([400, expect.stringContaining('is no date')]);
    expect(await answer('2025-03')).toEqual([400, '2025-03 is over. Until when will it be replaced?']);
    expect(await answer('2072')).toEqual([400, expect.stringContaining('ten years')]);
    expect(await answer('')).toEqual([200, undefined]);
    expect(await answer('')).toEqual([409, 'Ben has acknowledged it before.']);
    expect(await answer('2028-03')).toEqual([200, undefined]);
    expect(await answer('2028-03')).toEqual([409, 'Ben has acknowledged it before.']);
    expect(await answer('2028-06')).toEqual([200, undefined]);
    await run(10);
    expect(told().at(-1)).toMatchObject({ by: 'Ben', plannedFor: '2028-06' });
    const other = { key: 'internet-down', code: 'internet-down', severity: 'critical', title: 'No internet', text: '' } as const;
    await world.send(hub, hub.entry('alert.raised', { ...other, raisedAt, actionableAt: raisedAt }));
    const refused = await post({ key: 'internet-down', plannedFor: '2028-03' });
    expect([refused.status, ((await refused.json()) as { field?: string }).field]).toEqual([400, 'plannedFor']);
  });

  it('keeps a newer plan of the desk against an older word of the hub that was under way', async () => {
    await acknowledge('2028-03');
    await world.clock.advance(1000);
    const older = { by: 'Ben', at: now() - 1000, where: 'desk' as const, plannedFor: '2028-03' };
    await post({ by: 'Anna', plannedFor: '2028-09' });
    await world.send(hub, hub.entry('alert.updated', ending(180, { acknowledged: older })));
    expect(await seen()).toMatchObject({ by: 'Anna', plannedFor: '2028-09', untold: true });
    const newer = { by: 'Anna', at: now(), where: 'desk' as const, plannedFor: '2028-09' };
    await world.send(hub, hub.entry('alert.updated', ending(180, { acknowledged: newer })));
    expect(await seen()).toMatchObject({ by: 'Anna', plannedFor: '2028-09', untold: false });
  });
});
