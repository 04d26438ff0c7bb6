/** A desk forgets a home: nothing of it is left anywhere, nothing of another home is touched, and whoever may not, or half does it, changes nothing. */
import type { KyselyPlugin } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { forgetHome } from '../../src/desk/forgetting.ts';
import { HOME_ROWS } from '../../src/desk/store/forget.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { firstBroken, type Link } from '../../src/desk/tickets/audit.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { GuardedDesk, type GuardedHome } from '../fakes/guarded-desk.ts';
import { device, deviceState, supportEnding, verdict } from '../fakes/hub.ts';

const POLICY = `version: "7"
since: 2026-01-01
plans: {basic: {covers: {severities: [critical]}}}
homes:
  OWN: {plan: basic, dealer: Own AV, consent: {by: Ownclient, on: 2026-10-14, rate: 120 EUR per hour, recordedBy: A. Meier}}
  FOREIGN: {plan: basic, dealer: Foreign AV}
`;
/** Of the same dealer; of the first the desk has never heard. */
const [UNHEARD, THIRD] = ['0kkt28c5v7ab6wwc9st0kfne47', '7kkt28c5v7ab6wwc9st0kfne47'];
/** The dealer stays: other homes may be his, and accounts name him. */
const OWN_WORDS = ['Ownhome', 'Ownbox', 'Owntrouble', 'Ownnote', 'Ownremark', 'Ownserial', 'Ownclient'];

type Rows = ReadonlyMap<string, readonly string[]>;

/** Every row of every table there is, as text. */
async function dump(db: DeskDatabase): Promise<Rows> {
  const tables = (await db.introspection.getTables()).filter(({ name, isView }) => !isView && !name.startsWith('kysely_'));
  const rows = await Promise.all(
    tables.map(({ name }) =>
      db
        .selectFrom(name as 'site')
        .selectAll()
        .execute(),
    ),
  );
  return new Map(tables.map(({ name }, i) => [name, rows[i]!.map((row) => JSON.stringify(row)).sort()]));
}

function textOf(rows: Rows): string {
  return JSON.stringify([...rows]);
}

/** In each table that can have some: what no hub and nobody does in a few calls is put there as it would stand. */
async function fill({ world }: GuardedDesk, { id, hub, ticket, incident }: GuardedHome, word: string): Promise<void> {
  const { database: db, clock } = world;
  const at = clock.now().wallMs;
  const lamp = `${word.toLowerCase()}lamp`
    .padEnd(26, '0')
    .replace(/[^0-9a-hjkmnp-tv-z]/g, '1')
    .replace(/^./, '0');
  await world.send(
    hub,
    hub.entry('device.added', device(lamp, { name: `${word}box`, serial: `${word}serial` })),
    hub.entry('device.state', deviceState(lamp, 'up', at)),
    hub.entry('device.lifecycle', { device: lamp, verdict: verdict({}) }),
    hub.entry('alert.raised', supportEnding(lamp, at, 90)),
    hub.entry('site.state', { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0 }),
  );
  world.link.deliver(`hb1/00/${id}/up/ev`, `{"of": "${word}home"}`);
  await world.desk.drain();
  const body = JSON.stringify({ about: 'ticket', ticket: { site: id, siteName: `${word}home` } });
  const [about, name] = [`ticket ${ticket}`, `${word} receiver`];
  await db.insertInto('notice_thread').values({ receiver: name, about, sent: 1, is_over: 0, body, told_at: at }).execute();
  const waiting = { urgent: 0, held: 0, made_at: at, due_at: at, tries: 0, unsure: 0, batch: null, lease: null, leased_until: 0 };
  for (const one of [about, `incident ${incident}`])
    await db
      .insertInto('notice')
      .values({ id: `${word}${one}`, receiver: name, about: one, body, ...waiting, fate: 'waiting', done_at: null, answer: null })
      .execute();
  await db.insertInto('notice_seen').values({ ticket, version: 1, step: 0, look_at: null }).execute();
  await db.insertInto('push_told').values({ browser_id: word, about, said: 'x', told_at: at }).execute();
  await db.insertInto('push_owed').values({ browser_id: word, about: 'digest', body, ends_at: at }).execute();
  await db.insertInto('snapshot_part').values({ site_id: id, snapshot: word, part: 1, parts: 2, ses: 1, pos: 1 }).execute();
  await db
    .insertInto('told_stage')
    .values({ site_id: id, key: `${word}key`, ends: '', stage: 30, told_at: at })
    .execute();
}

/** A row in each table that is still without one of that home: a new table need not be named here. */
async function fillTheRest(db: DeskDatabase, site: string, word: string): Promise<void> {
  for (const { name, columns } of await db.introspection.getTables()) {
    const { [name]: rule } = HOME_ROWS as Readonly<Record<string, string>>;
    if (
      rule !== 'site_id' ||
      (
        await db
          .selectFrom(name as 'alert')
          .select('site_id')
          .where('site_id', '=', site)
          .limit(1)
          .execute()
      ).length > 0
    )
      continue;
    const wanted = columns.filter(
      ({ isNullable, hasDefaultValue, isAutoIncrementing }) => !isNullable && !hasDefaultValue && !isAutoIncrementing,
    );
    const row = Object.fromEntries(
      wanted.map((column) => [column.name, column.name === 'site_id' ? site : anyValue(column.dataType, word)]),
    );
    await db
      .insertInto(name as 'alert')
      .values(row as never)
      .execute();
  }
}

function anyValue(type: string, word: string): unknown {
  if (/text|char/i.test(type)) return `${word}home`;
  return /blob|bytea/i.test(type) ? Buffer.from(`${word}home`) : 1;
}

/** Fails at the n-th statement that deletes or changes. */
function failingAt(n: number): KyselyPlugin {
  let left = n;
  return {
    transformQuery({ node }) {
      if (node.kind !== 'SelectQueryNode' && node.kind !== 'RawNode' && --left === 0) throw new Error('the disk is full');
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}

describeOnEachEngine('a home that is forgotten', (open) => {
  let desk: GuardedDesk;
  let db: DeskDatabase;
  let lead: Record<string, string>;

  beforeEach(async () => {
    db = await open();
    desk = new GuardedDesk(db);
    desk.policy = `${POLICY}  ${UNHEARD}: {plan: basic, dealer: Own AV}\n  ${THIRD}: {plan: basic, dealer: Own AV}\n`;
    await desk.start();
    lead = await desk.headersOf('lead');
    await fill(desk, desk.own, 'Own');
    await fill(desk, desk.foreign, 'Foreign');
    await fillTheRest(db, desk.own.id, 'Own');
    await fillTheRest(db, desk.foreign.id, 'Foreign');
    await desk.world.desk.drain();
  });

  const forget = (headers: Record<string, string>, body: object) => desk.ask('delete', `/api/v1/sites/${desk.own.id}`, headers, body);

  it('is nowhere in the database, of which every table that can name one has a rule, and the other one is where it was', async () => {
    const tables = await db.introspection.getTables();
    const withHomes = tables.filter(({ columns }) => columns.some(({ name }) => name === 'site_id')).map(({ name }) => name);
    const rules = HOME_ROWS as Readonly<Record<string, string>>;
    expect(tables.map(({ name }) => name).filter((name) => !name.startsWith('kysely_') && !Object.hasOwn(rules, name))).toEqual([]);
    expect(withHomes.filter((name) => rules[name] === 'of no home' && name !== 'in_reach')).toEqual([]);
    const { own, foreign } = desk;
    const before = await dump(db);
    const names = (rows: Rows, words: readonly string[]) =>
      [...rows]
        .filter(([, all]) => all.some((row) => words.some((word) => row.toLowerCase().includes(word.toLowerCase()))))
        .map(([table]) => table);
    const inTables = Object.entries(HOME_ROWS)
      .filter(([, rule]) => rule !== 'of no home')
      .map(([table]) => table);
    expect(inTables.filter((table) => (before.get(table)?.length ?? 0) === 0)).toEqual([]);
    expect(names(before, [own.id]).length).toBeGreaterThan(20);

    const answered = await forget(lead, { site: own.id, reason: `the client of ${own.id} has left` });
    const { rows, mark, ...told } = (await answered.json()) as { rows: number; mark: string; tables: object };
    expect([answered.status, told]).toMatchObject([200, { isInPolicy: true, tables: { site: 1, device: 2, contact: 1, push_owed: 1 } }]);
    // The broker tells the desk, too, what the desk has cleared there.
    desk.world.link.deliver(desk.world.link.published.at(-1)!.topic, '');
    await desk.world.desk.drain();
    const after = await dump(db);
    expect(names(after, [own.id, ...OWN_WORDS])).toEqual([]);

    const isOf = (row: string) => row.includes(foreign.id) || row.includes('Foreign');
    const changed = ['audit', 'policy_version', 'sign_in'];
    for (const [table, all] of before) {
      if (changed.includes(table)) continue;
      const left = after.get(table)!;
      expect([table, all.filter(isOf).filter((row) => !left.includes(row))]).toEqual([table, []]);
      expect([table, left.filter((row) => !all.includes(row))]).toEqual([table, []]);
    }
    expect(before.get('audit')!.filter((row) => row.includes(`"site_id":"${foreign.id}"`))).toEqual(
      after.get('audit')!.filter((row) => row.includes(`"site_id":"${foreign.id}"`)),
    );
    expect(textOf(after)).toContain(foreign.id);

    // The one line that stays: who, when, why and how much; and the chain holds.
    const deeds = (await desk.people.access.people.deeds({ limit: 1000 })).toReversed() as Link[];
    expect(firstBroken(deeds)).toBeUndefined();
    const { actor, what, detail } = deeds.at(-1)!;
    const said = { home: mark, because: `the client of ${mark} has left`, rows, rewrittenFrom: expect.any(Number) };
    expect([actor, what, JSON.parse(detail)]).toEqual(['lead Quist', 'home.forgotten', said]);
    expect(desk.world.link.published.at(-1)).toMatchObject({ topic: expect.stringContaining(`${own.id}/up/status`), payload: '' });
    expect([(await forget(lead, { site: own.id, reason: 'x' })).status, (await desk.ask('get', `/sites/${own.id}`, lead)).status]).toEqual([
      404, 404,
    ]);
    for (const path of ['/', '/tickets', '/fleet', '/api/v1/incidents', '/settings', '/people/log'])
      expect([path, (await desk.ask('get', path, lead)).status]).toEqual([path, 200]);
  });

  it('is there as a whole where something fails on the way, and goes the next time', async () => {
    const act = { site: desk.own.id, by: 'Lead', because: 'left' };
    const deps = { clock: desk.world.clock, service: undefined };
    const before = textOf(await dump(db));
    for (const n of [1, 9, 25]) {
      const database = db.withPlugin(failingAt(n));
      await expect(forgetHome({ ...deps, database }, act)).rejects.toThrow('the disk is full');
      expect(textOf(await dump(db)) === before).toBe(true);
    }
    expect(await forgetHome({ ...deps, database: db }, act)).toMatchObject({ isInPolicy: false });
  });

  it('is forgotten by a lead who has just signed in and names it again, and by no program', async () => {
    const { own } = desk;
    const before = textOf(new Map([...(await dump(db))].filter(([table]) => !['audit', 'sign_in', 'token', 'throttle'].includes(table))));
    const act = { site: own.id, reason: 'left' };
    const { tokens } = desk.people.access;
    const made = (await tokens.create('command line', { title: 'old', role: 'lead', reach: 'all', days: 1 })) as { token: string };
    const scopes = ['homes', 'tickets', 'notes', 'work', 'people'];
    const known = await desk.people.known(await desk.people.signIn('lead'));
    const mine = (await tokens.createOwn(known, { title: 'mine', scopes, days: 1 })) as { token: string };
    for (const { token } of [made, mine]) expect((await forget({ authorization: `Bearer ${token}` }, act)).status).toBe(403);
    for (const name of ['agent', 'dealer']) expect((await forget(await desk.headersOf(name), act)).status).toBe(403);
    expect((await forget(lead, { ...act, site: desk.foreign.id })).status).toBe(400);
    expect((await forget(lead, { site: own.id, reason: ' ' })).status).toBe(400);
    const page = await (await desk.ask('get', `/sites/${own.id}/forget`, lead)).text();
    expect(page).toMatch(/2 devices[\s\S]*1 contact[\s\S]*1 note/);
    await desk.world.clock.advance(31 * 60_000);
    expect([(await forget(lead, act)).status, (await desk.ask('post', `/sites/${own.id}/forget`, lead, act)).status]).toEqual([409, 409]);
    expect(await (await desk.ask('get', `/sites/${own.id}/forget`, lead)).text()).toContain('Sign in again');
    const still = new Map([...(await dump(db))].filter(([table]) => !['audit', 'sign_in', 'token', 'throttle'].includes(table)));
    expect(OWN_WORDS.filter((word) => before.includes(word) !== textOf(still).includes(word))).toEqual([]);
    await saveSite(db, { id: THIRD, name: 'Third' }, 0);
    const again = await desk.ask('post', `/sites/${own.id}/forget`, await desk.headersOf('lead'), act);
    expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
    expect(await desk.world.desk.reader.site(own.id)).toBeUndefined();
    // What holds for all homes of his dealer is not his.
    const contracts = db.selectFrom('vendor_contract').select(['site_id', 'dealer']).where('contract', '=', 'Own');
    expect(await contracts.execute()).toEqual([{ site_id: THIRD, dealer: 'Own AV' }]);
  });

  it('begins anew when its hub speaks again, also where a command has forgotten it beside the desk', async () => {
    const world = new DeskWorld(db, { acceptNewSites: true });
    await world.start();
    const hub = world.hub();
    await world.send(hub, hub.birth(), hub.entry('device.added', device('0'.repeat(26), { name: 'Before' })));
    const [other] = [desk.own.id];
    const forgotten = await forgetHome(
      { database: db, clock: world.clock, service: undefined },
      { site: world.site, by: 'x', because: 'left' },
    );
    expect(forgotten).toMatchObject({ tables: { device: 1, session: 1 } });
    const kept = async () =>
      [...(await dump(db))].filter(([, rows]) => rows.some((row) => row.includes(world.site))).map(([table]) => table);
    await world.send(hub, hub.heartbeat(), hub.entry('device.state', deviceState('0'.repeat(26), 'up', 1)));
    await world.clock.advance(300_000);
    // As of any hub that this desk has never heard of.
    expect(await kept()).toEqual(['quarantine']);
    expect(world.desk.status().counts).toMatchObject({ failedBatches: 0 });
    await world.send(hub, hub.birth(), hub.entry('device.added', device('1'.repeat(26), { name: 'After' })));
    expect((await world.desk.reader.devices(world.site)).map(({ name }) => name)).toEqual(['After']);
    expect((await world.desk.reader.site(other))?.name).toBe('Ownhome');
    await world.desk.stop();
  });
});
