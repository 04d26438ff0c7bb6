/** All homes of a desk: which are in trouble, whose they are, and which call for somebody again and again, on every engine. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import type { FleetFilter } from '../../src/desk/fleet/standing.ts';
import { createReader } from '../../src/desk/reader.ts';
import { createServing } from '../../src/desk/serving.ts';
import { scopedTo } from '../../src/desk/store/scoped.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown, type FakeHub, supportEnding } from '../fakes/hub.ts';

const random = seededRandom('fleet');
const [BURNS, SILENT, FINE, SEEN] = Array.from({ length: 4 }, () => newRandomId(random)) as [string, string, string, string];
const DAY = 86_400_000;

const POLICY = readServicePolicy(`version: "1"
since: 2026-01-01
plans:
  basic: {title: Basic}
homes:
  ${BURNS}: {plan: basic, dealer: Smith AV}
  ${SILENT}: {plan: basic, dealer: Smith AV}
  ${FINE}: {dealer: Holm & Sons}
`);

describeOnEachEngine('the homes of a desk', (open) => {
  let world: DeskWorld;
  let hubs: (readonly [site: string, hub: FakeHub])[];
  const now = (): number => world.clock.now().wallMs;

  beforeEach(async () => {
    if (!POLICY.ok) throw new Error(JSON.stringify(POLICY.error));
    world = new DeskWorld(await open(), { graceMs: 0 });
    world.service = POLICY.value;
    await world.start();
    hubs = [];
    for (const [site, name] of [
      [SILENT, 'Ann'],
      [FINE, 'Bob'],
      [BURNS, 'Cid'],
      [SEEN, 'Dan'],
    ] as const) {
      await saveSite(world.database, { id: site, name }, now());
      const hub = world.hub({ site });
      await world.send(hub, hub.birth());
      hubs.push([site, hub] as const);
    }
    for (let minute = 0; minute < 3; minute++) {
      await world.clock.advance(60_000);
      for (const [site, hub] of hubs) if (site !== SILENT) await world.send(hub, hub.heartbeat());
    }
    for (const [site, hub] of hubs) {
      if (site === SILENT) continue;
      await world.send(hub, hub.heartbeat());
      if (site === FINE) await world.send(hub, hub.entry('alert.raised', supportEnding(newRandomId(random), now(), 90)));
      if (site === FINE || site === SILENT) continue;
      const alert = deviceDown(newRandomId(random), now(), {
        acknowledged: site === SEEN ? { by: 'Eve', at: now(), where: 'hub' } : undefined,
      });
      await world.send(hub, hub.entry('alert.raised', alert));
    }
  });

  const list = async (filter: FleetFilter, page = 1) => {
    const found = await world.desk.reader.fleet.page(filter, page);
    return found.homes.map(({ name, standing }) => `${name} ${standing}`);
  };

  it('are listed by their trouble, found by what they are, and counted', async () => {
    const page = await world.desk.reader.fleet.page({}, 1);
    expect(await list({})).toEqual(['Cid burning', 'Dan burning', 'Ann silent', 'Lindgren unknown', 'Bob well']);
    expect(page.counts).toEqual({ burning: 2, silent: 1, unknown: 1, well: 1, homes: 5 });
    expect([await list({ standing: 'silent' }), await list({ dealer: 'Smith AV' })]).toEqual([
      ['Ann silent'],
      ['Cid burning', 'Ann silent'],
    ]);
    expect(await list({ dealer: '-', standing: 'burning' })).toEqual(['Dan burning']);
    expect([await list({ plan: 'Basic', version: '-' }), await list({ version: '-' })]).toEqual([[], ['Lindgren unknown']]);
    expect(page.dealers).toEqual([
      { name: '-', homes: 2 },
      { name: 'Holm & Sons', homes: 1 },
      { name: 'Smith AV', homes: 2 },
    ]);
    expect(await list({}, 2)).toEqual([]);
    const silentSince = page.homes.find(({ standing }) => standing === 'silent')?.standingSince;
    expect(now() - (silentSince ?? 0)).toBe(3 * 60_000);
    const { groups } = await world.desk.reader.fleet.dealers();
    expect(groups.map(({ name, counts }) => `${name} ${counts.burning} ${counts.silent}`)).toEqual([
      'Smith AV 1 1',
      '- 1 0',
      'Holm & Sons 0 0',
    ]);
  });

  it('that call for somebody are counted day by day, without what is to be planned for', async () => {
    const to = (Math.floor(now() / DAY) + 1) * DAY;
    const heat = await world.desk.reader.fleet.heat({}, to);
    expect(heat).toMatchObject({ calls: 3, homes: 5, perHome: 3 / 5, overBudget: 0 });
    expect(heat.rows.map(({ siteName, calls, days }) => [siteName, calls, days.length, days.at(-1)])).toEqual(
      heat.rows.map(({ siteName }) => [siteName, 1, 30, 1]),
    );
    expect((await world.desk.reader.fleet.heat({ dealer: 'Smith AV' }, to)).calls).toBe(2);
    expect((await world.desk.reader.fleet.heat({}, to + 40 * DAY)).calls).toBe(0);
    // What was over while its hub held it asked nobody; an end that is critical is nothing to plan for.
    const [, hub] = hubs.find(([site]) => site === FINE)!;
    const held = deviceDown(newRandomId(random), now(), { held: true });
    await world.send(hub, hub.entry('alert.raised', held));
    await world.clock.advance(60_000);
    await world.send(hub, hub.entry('alert.cleared', { ...held, clearedAt: now() }));
    expect((await world.desk.reader.fleet.heat({ dealer: 'Holm & Sons' }, to)).calls).toBe(0);
    await world.send(
      hub,
      hub.entry('alert.raised', supportEnding(newRandomId(random), now(), 0, { severity: 'critical', ends: '2025-06' })),
    );
    expect((await world.desk.reader.fleet.heat({ dealer: 'Holm & Sons' }, to)).calls).toBe(1);
  });

  it('are for somebody who sees some of them those and no other, in every count', async () => {
    await world.database.insertInto('reach').values({ holder: 'me', kind: 'site', name: FINE }).execute();
    const limited = scopedTo(world.database, { holder: 'me' });
    const serving = createServing({ policy: world.service!, database: limited, clock: world.clock });
    const { fleet } = createReader(limited, () => undefined, serving, true);
    const page = await fleet.page({}, 1);
    expect([page.counts.homes, page.dealers, page.versions.length]).toEqual([1, [{ name: 'Holm & Sons', homes: 1 }], 1]);
    expect((await fleet.dealers()).groups.map(({ name }) => name)).toEqual(['Holm & Sons']);
    expect(await fleet.heat({}, now() + DAY)).toMatchObject({ homes: 1, calls: 0, rows: [] });
  });

  it('have pages with links that lead to what they say', async () => {
    const page = async (path: string) => {
      const response = await world.desk.app.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } }));
      return { status: response.status, text: await response.text() };
    };
    const { text } = await page('/fleet?dealer=Smith+AV');
    expect(text).toContain('2 homes: 1 burning, 1 silent hub');
    expect(text).toContain('/fleet?state=silent&amp;dealer=Smith+AV');
    expect((await page('/fleet/dealers')).text).toContain('/fleet?dealer=Holm+%26+Sons');
    expect((await page('/fleet/heat')).text).toContain('the budget is 1 a month');
    expect([(await page('/fleet?state=odd')).status, (await page('/api/v1/fleet?page=0')).status]).toEqual([400, 400]);
  });
});
