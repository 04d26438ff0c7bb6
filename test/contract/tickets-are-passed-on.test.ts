/** What nobody takes is passed on, step by step of the plan's ladder: once each, told by the routes, within the plan's hours, and no more once somebody sees to it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { untoldOf } from '../../src/desk/notices/route.ts';
import type { NextRung } from '../../src/desk/service/ladder.ts';
import { DatabaseAway } from '../../src/desk/store/away.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { listUnseen, savePassed } from '../../src/desk/store/unanswered.ts';
import { OnCall } from '../../src/desk/tickets/on-call.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { passedNote } from '../../src/web/service-note.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { silentLog } from '../fakes/desk-world.ts';
import { HttpReceiver } from '../fakes/http-receiver.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { CAMERA, NAS, noticePolicy, ToldDesk } from '../fakes/told-desk.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 21:45 in New York. */
const EVENING = Date.UTC(2026, 0, 13, 2, 45);

const service = (hours = '') => `version: "1"
since: 2026-01-01
standardPlan: basic
plans:
  basic:
    covers: {severities: [error]}
    firstAnswer: {within: 30min${hours}}
    premisesDown: {within: 30min}
    unanswered:
      - {after: 10min, to: second desk}
      - {after: 20min, to: desk lead}
      - {after: 40min, to: dealer on call, bills: true}
homes: {SITE: {timeZone: America/New_York}}
`;

const notices = ({ url }: HttpReceiver) => `gather: 0s
receivers:
  shift: {kind: webhook, url: ${url}/shift, secretEnv: KEY}
  second: {kind: webhook, url: ${url}/second, secretEnv: KEY}
  lead: {kind: webhook, url: ${url}/lead, secretEnv: KEY}
routes:
  - {receivers: [shift]}
  - {receivers: [second], passedTo: [second desk]}
  - {receivers: [lead], passedTo: [desk lead]}
`;

const headlines = ({ received }: HttpReceiver, path: string) =>
  received.flatMap((message) =>
    message.path === path ? [(JSON.parse(message.body) as { data: { headline: string } }).data.headline] : [],
  );
const ask = (desk: ToldDesk, path: string, body?: object) =>
  desk.world.desk.app.fetch(
    new Request(`http://127.0.0.1:7080${path}`, {
      headers: { host: '127.0.0.1:7080', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    }),
  );
const page = async (desk: ToldDesk, path: string) => {
  const answer = await ask(desk, path);
  return (await answer.text()).replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
};
const steps = async (desk: ToldDesk, number = 1) =>
  (await desk.world.desk.reader.ticket(number))!.deeds.flatMap(({ what, at, detail }) =>
    what === 'ticket.passed-on' ? [[at, (JSON.parse(detail) as { to: string }).to]] : [],
  );

describeOnEachEngine('a ticket that nobody takes', (open) => {
  it('goes to the next one, who is told, with when and why on its page, until somebody takes it', async () => {
    const receiver = await HttpReceiver.open();
    const desk = await ToldDesk.start(await open(), noticePolicy(notices(receiver)), service());
    const firedAt = desk.now;
    const alert = await desk.fire();
    await desk.wait(9 * MINUTE_MS);
    expect(await page(desk, '/tickets/1')).toContain('Asked next: second desk, in 1 min.');
    await desk.wait(MINUTE_MS + 15_000);
    expect(headlines(receiver, '/second')).toEqual([
      'New, nobody has taken it, passed on to second desk: NAS does not answer (Lindgren, ticket 1)',
    ]);
    expect(headlines(receiver, '/shift')).toEqual(['New: NAS does not answer (Lindgren, ticket 1)']);
    const [passedAt, to] = (await steps(desk))[0]!;
    expect([Number(passedAt) - firedAt - 10 * MINUTE_MS < 10_000, to]).toEqual([true, 'second desk']);
    expect(await page(desk, '/tickets')).toMatch(/nobody has it ?passed on to second desk \d+ s ago/);
    expect(await page(desk, '/tickets/1')).toMatch(
      /Passed on to second desk \d+ s ago, as nobody had taken or answered it\. Asked next: desk lead, in (9|10) min\..*passed it on to second desk: nobody had taken or answered it after 10 min/,
    );
    expect(await desk.world.desk.reader.tickets({ open: true, limit: 1 })).toMatchObject([
      { version: 1, passed: { step: 1, to: 'second desk' }, next: { number: 2, to: 'desk lead' } },
    ]);
    // Whoever had the ticket before him as it was before is not told that somebody was quicker.
    await desk.act(1, { do: 'take', version: 1 });
    await desk.wait(12 * MINUTE_MS);
    expect(headlines(receiver, '/lead')).toEqual([]);
    expect(await steps(desk)).toHaveLength(1);
    expect(await page(desk, '/tickets')).not.toContain('passed on');
    // It is over and comes again: whoever had it may have gone home.
    await desk.act(1, { do: 'resolve', outcome: 'workaround', text: 'by cable' });
    await desk.act(1, { do: 'reopen', text: 'they called again' });
    await desk.wait(11 * MINUTE_MS);
    expect((await steps(desk)).map(([, name]) => name)).toEqual(['second desk', 'second desk']);
    // It is passed on once, whoever else looked at it in the same moment, and by acknowledging its alert somebody sees to it too.
    const { database, site } = desk.world;
    const [ticket] = await listUnseen(database);
    const save = (as: object) => savePassed(database, { ...ticket!, ...as }, { step: 2, to: 'desk lead', at: desk.now });
    expect([await save({ version: 1 }), await save({}), await save({})]).toEqual([false, true, false]);
    const acknowledged = await ask(desk, '/api/v1/alerts/acknowledge', { site, key: alert.key, raisedHubAt: alert.raisedAt, by: 'Cem' });
    expect(acknowledged.status).toBe(200);
    await desk.wait(11 * MINUTE_MS);
    expect([await listUnseen(database), (await steps(desk)).length, headlines(receiver, '/lead')]).toEqual([[], 2, []]);
    expect(await desk.world.desk.reader.ticket(1)).toMatchObject({ assignee: 'Ben' });
  });
});

it('a ticket goes on where a desk that was away left it, gives everybody the time they have, and minds no clock that jumps', async () => {
  const receiver = await HttpReceiver.open();
  const desk = await ToldDesk.start(await openDeskDatabase(join(temporaryFolder(), 'desk.db')), noticePolicy(notices(receiver)), service());
  await desk.fire();
  await desk.wait(3 * MINUTE_MS);
  desk.world.clock.stepWall(3 * HOUR_MS);
  await desk.world.restart();
  desk.hub = desk.world.hub();
  await desk.wait(8 * MINUTE_MS);
  expect((await steps(desk)).map(([, to]) => to)).toEqual(['second desk']);
  // Its clock is set back by a day: the lead is asked all the same, after the ten minutes that the second desk has.
  desk.world.clock.stepWall(-24 * HOUR_MS);
  await desk.wait(9 * MINUTE_MS);
  expect(await steps(desk)).toHaveLength(1);
  await desk.wait(3 * MINUTE_MS);
  expect((await steps(desk)).map(([, to]) => to)).toEqual(['second desk', 'desk lead']);
  expect(headlines(receiver, '/lead')).toHaveLength(1);
  // Who bills is asked only with the client's yes.
  await desk.wait(HOUR_MS);
  expect(await steps(desk)).toHaveLength(2);
});

it('a ticket whose trouble was over while there was no desk is passed on to nobody', async () => {
  const receiver = await HttpReceiver.open();
  const desk = await ToldDesk.start(await openDeskDatabase(join(temporaryFolder(), 'desk.db')), noticePolicy(notices(receiver)), service());
  const alert = await desk.fire();
  await desk.wait(MINUTE_MS);
  desk.world.clock.stepWall(HOUR_MS);
  await desk.world.restart();
  await desk.wait(30_000);
  await desk.world.send(desk.hub, desk.hub.entry('alert.cleared', { ...alert, clearedAt: desk.now - 50 * MINUTE_MS }));
  await desk.wait(3 * MINUTE_MS);
  expect([await steps(desk), headlines(receiver, '/second')]).toEqual([[], []]);
});

it('a ticket is passed on within the hours of its plan, and that of a house that is down at any hour', async () => {
  const receiver = await HttpReceiver.open();
  const database = await openDeskDatabase(join(temporaryFolder(), 'desk.db'));
  const hours = ', hours: {spans: [{from: "08:00", to: "22:00"}, {from: "23:00", to: "24:00"}], timeZone: America/New_York}';
  const desk = await ToldDesk.start(database, noticePolicy(notices(receiver)), service(hours), new VirtualClock(EVENING + 10 * MINUTE_MS));
  await desk.fire(NAS);
  await desk.fire(CAMERA, { key: 'internet-down', code: 'internet-down', severity: 'critical' });
  await desk.wait(HOUR_MS);
  expect([(await steps(desk, 1)).length, (await steps(desk, 2)).length]).toEqual([0, 2]);
  await desk.wait(EVENING + 79 * MINUTE_MS - desk.now);
  expect(await steps(desk, 1)).toEqual([]);
  await desk.wait(2 * MINUTE_MS);
  expect((await steps(desk, 1)).map(([, to]) => to)).toEqual(['second desk']);
});

it('a hundred tickets that nobody takes are one message to each who is asked', async () => {
  const receiver = await HttpReceiver.open();
  const database = await openDeskDatabase(join(temporaryFolder(), 'desk.db'));
  const desk = await ToldDesk.start(database, noticePolicy(notices(receiver)), service());
  for (let i = 0; i < 100; i++) {
    expect((await ask(desk, '/api/v1/tickets', { site: desk.world.site, title: `Thing ${i}`, by: 'Ben' })).status).toBe(201);
  }
  await desk.wait(25 * MINUTE_MS);
  for (const [path, to] of [
    ['/second', 'second desk'],
    ['/lead', 'desk lead'],
  ] as const)
    expect(headlines(receiver, path)).toEqual([`Nobody has taken 100 tickets, passed on to ${to}`]);
});

it('a desk warns of steps that nobody is told of', () => {
  const routes = (yaml: string) => noticePolicy(`receivers: {x: {kind: ntfy, topic: x}}\nroutes: [{receivers: [x]${yaml}}]\n`);
  const asked = new Set(['second desk', 'desk lead']);
  expect(untoldOf(routes(''), asked)).toEqual(['second desk', 'desk lead']);
  expect(untoldOf(routes(', passedTo: [desk lead]'), asked)).toEqual(['second desk']);
  expect(untoldOf(routes(', changes: [passed-on]'), asked)).toEqual([]);
});

it('a ticket that is over says no more that others were asked', () => {
  const passed = { step: 1, to: 'second desk', at: 0 };
  const note = (state: 'new' | 'resolved') => String(passedNote({ state, passed }, MINUTE_MS));
  expect([note('new').includes('second desk'), note('resolved')]).toEqual([true, '']);
});

it('a desk whose database is away says that once, and not whenever it would pass tickets on', async () => {
  const said: string[] = [];
  const log = { ...silentLog, error: (message: string) => said.push(message) };
  const clock = new VirtualClock();
  let cause: Error = new DatabaseAway('it is away', undefined);
  const database = {
    selectFrom() {
      throw cause;
    },
  } as unknown as DeskDatabase;
  const serving = { nextRungs: async () => new Map<number, NextRung>() };
  const onCall = new OnCall({ clock, log, database, homes: { alertViews: async () => [] }, serving, onChange() {} });
  onCall.start();
  await clock.advance(150_000);
  await onCall.idle();
  for (let i = 0; i < 3; i++) {
    await clock.advance(5_000);
    await onCall.idle();
  }
  cause = new Error('it is broken');
  await clock.advance(5_000);
  await onCall.stop();
  expect(said).toEqual(['the desk could not pass tickets on']);
});
