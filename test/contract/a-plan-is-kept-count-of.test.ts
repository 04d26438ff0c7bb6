/** Questions that cost nothing, and time that is billed: from what was recorded, corrected with a reason, shown and handed on; and who on shift knows what a ticket asks for. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { device } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { NAS, noticePolicy, ToldDesk } from '../fakes/told-desk.ts';

const DAY_MS = 86_400_000;
/** The desk's first day is 3 January 2026, 07:00 UTC. */
const service = `version: "1"
since: 2026-01-01
standardPlan: basic
timeIncrement: 15min
plans:
  basic:
    covers: {severities: [critical, error]}
    interactions: {freePerMonth: 2, beyond: 25 EUR}
    fee: {amount: 49.95, currency: EUR}
    dealerShare: 0.3
skills:
  storage: {vendors: [Synology]}
  network: {kinds: [router]}
people:
  Dana Smith: {skills: [storage], hours: {spans: [{from: "12:00", to: "20:00"}], timeZone: Europe/Stockholm}}
  Kim Lee: {skills: [network]}
homes: {SITE: {dealer: Holm, timeZone: Europe/Stockholm, consent: {by: Mrs Lindgren, on: 2026-01-02, rate: 95 EUR per hour, recordedBy: Anna}}}
`;

const start = async (database: Parameters<typeof ToldDesk.start>[0]) => ToldDesk.start(database, noticePolicy('receivers: {}\n'), service);
const ask = (desk: ToldDesk, path: string, body?: object) =>
  desk.world.desk.app.fetch(
    new Request(`http://127.0.0.1:7080${path}`, {
      headers: { host: '127.0.0.1:7080', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    }),
  );
const page = async (desk: ToldDesk, path: string) => (await (await ask(desk, path)).text()).replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
const answer = { do: 'answer', channel: 'phone', text: 'We look at it.' };
async function byHand(desk: ToldDesk, title: string): Promise<number> {
  const opened = await ask(desk, '/api/v1/tickets', { site: desk.world.site, title, by: 'Ben' });
  return ((await opened.json()) as { ticket: { number: number } }).ticket.number;
}

describeOnEachEngine('what a plan counts', (open) => {
  it('is a question for each ticket on which the client was answered this month, and people have the last word', async () => {
    const desk = await start(await open());
    const [one, two, three] = [await byHand(desk, 'A'), await byHand(desk, 'B'), await byHand(desk, 'C')];
    for (const number of [one, one, two]) await desk.act(number, answer);
    expect((await desk.world.desk.reader.ticket(two))?.interactions).toMatchObject({
      used: 2,
      free: 2,
      per: 'month',
      period: '2026-01',
      tickets: [one, two],
    });
    expect(await page(desk, `/tickets/${two}`)).toContain(
      'Questions: 2 of 2 free questions used this month. The next is billable (25 EUR): ask for consent. This is the 2nd.',
    );
    await desk.act(three, answer);
    expect(await page(desk, `/tickets/${three}`)).toContain(
      '3 questions this month, 2 of them free. The next is billable (25 EUR): ask for consent. This is the 3rd: billable (25 EUR).',
    );
    expect((await ask(desk, `/api/v1/tickets/${one}/steps`, { version: 3, by: 'Ben', do: 'count', counts: false, text: '' })).status).toBe(
      400,
    );
    await desk.act(one, { do: 'count', counts: false, text: 'our own mistake' });
    expect(await page(desk, `/sites/${desk.world.site}`)).toContain('Questions: 2 of 2 free questions used this month.');
    expect(await page(desk, `/tickets/${one}`)).toContain('Ben said that it does not count as a questionour own mistake');
    // The next month by the clock of the home begins at 23:00 UTC.
    const nextMonthAt = Date.UTC(2026, 0, 31, 23);
    desk.world.clock.stepWall(nextMonthAt - 1 - desk.now);
    const used = async () =>
      ((await (await ask(desk, `/api/v1/sites/${desk.world.site}/usage`)).json()) as { usage: { interactions: object } }).usage
        .interactions;
    expect(await used()).toMatchObject({ used: 2, period: '2026-01' });
    desk.world.clock.stepWall(1);
    expect(await used()).toMatchObject({ used: 0, period: '2026-02', from: nextMonthAt });
  });

  it('is the time that was worked, rounded up, billed only with a yes, taken back with a reason, and handed on for invoices', async () => {
    const desk = await start(await open());
    const number = await byHand(desk, 'Netflix does not play');
    await desk.act(number, { do: 'time', minutes: 20, billable: true, text: 'Looked at the router.' });
    await desk.act(number, { do: 'tier', to: 'advanced', consentFrom: 'Mr Lindgren', rate: '120 an hour' });
    await desk.act(number, { do: 'time', minutes: 15, billable: true, text: '=1+1' });
    await desk.act(number, { do: 'resolve', outcome: 'fixed', text: 'reset' });
    await desk.act(number, { do: 'time', minutes: 1, billable: false, text: 'wrote it up' });
    await desk.act(number, { do: 'time', minutes: 500, billable: true, override: 'water in the cellar', text: 'typed wrong' });
    const entries = (await desk.world.desk.reader.ticket(number))!.time;
    await desk.act(number, { do: 'time-back', entry: entries[3]!.no, text: 'fifty' });
    const version = (await desk.world.desk.reader.ticket(number))!.version;
    const again = await ask(desk, `/api/v1/tickets/${number}/steps`, {
      version,
      by: 'Ben',
      do: 'time-back',
      entry: entries[3]!.no,
      text: 'x',
    });
    expect([again.status, (await desk.world.desk.reader.ticket(number))!.version]).toEqual([409, version]);
    const sheet = (await (await ask(desk, '/api/v1/time?month=2026-01&dealer=Holm')).json()) as { lines: object[]; homes: object[] };
    expect(sheet.lines).toMatchObject([
      {
        minutes: 20,
        counted: 30,
        billable: true,
        consent: { from: 'Mrs Lindgren', rate: '95 EUR per hour' },
        dealer: 'Holm',
        day: '2026-01-03',
        time: '08:00',
      },
      { minutes: 15, counted: 15, consent: { from: 'Mr Lindgren', rate: '120 an hour' } },
      { minutes: 1, counted: 15, billable: false },
      { counted: 510, override: 'water in the cellar', takenBack: 'fifty' },
    ]);
    expect(sheet.homes).toEqual([{ site: desk.world.site, siteName: 'Lindgren', dealer: 'Holm', billable: 45, free: 15 }]);
    const csv = await ask(desk, '/api/v1/time?month=2026-01&format=csv');
    expect([csv.headers.get('content-type'), (await csv.text()).split('\r\n').length]).toEqual([
      'text/csv; charset=utf-8; header=present',
      6,
    ]);
    expect((await (await ask(desk, '/api/v1/time?month=2026-01&dealer=Other')).json()) as object).toMatchObject({ lines: [], homes: [] });
    expect((await ask(desk, '/api/v1/time?month=2026-13')).status).toBe(400);
    for (const title of ['A', 'B', 'C']) await desk.act(await byHand(desk, title), answer);
    const statement = await (await ask(desk, '/api/v1/statement?month=2026-01')).json();
    const sums = [{ currency: 'EUR', fees: 4995, dealerShare: 1499, rest: 3496, questions: 2500 }];
    expect(statement).toMatchObject({
      policy: { version: '1' },
      dealers: [{ dealer: 'Holm', homes: 1, billable: 45, unbilled: 15, beyond: 1, sums }],
    });
    const table = await (await ask(desk, '/api/v1/statement?month=2026-01&dealer=Holm&format=csv')).text();
    expect(table.split('\r\n')[1]).toBe(`2026-01,Holm,Lindgren,${desk.world.site},Basic,EUR,49.95,14.99,34.96,45,15,3,1,25 EUR,EUR,25.00`);
    expect(await (await ask(desk, '/api/v1/statement?month=2026-01&dealer=Other')).json()).toMatchObject({ homes: [], dealers: [] });
    expect(await page(desk, `/tickets/${number}`)).toContain('Time worked 45 min to be billed, 15 min not billed');
    expect(await page(desk, `/sites/${desk.world.site}`)).toContain('Time this month: 45 min to be billed, 15 min not billed.');
    expect((await desk.world.desk.reader.audit({ site: desk.world.site, limit: 99 })).deeds.map(({ what }) => what)).toContain(
      'ticket.time-back',
    );
  });

  it('is put right on the invoice of the month, whatever has become of the ticket by then', async () => {
    const desk = await start(await open());
    const [one, two] = [await byHand(desk, 'A'), await byHand(desk, 'B')];
    for (const number of [one, two]) {
      await desk.act(number, answer);
      await desk.act(number, { do: 'time', minutes: 30, billable: true, text: 'x' });
    }
    await desk.act(one, { do: 'merge', into: two });
    await desk.act(two, { do: 'resolve', outcome: 'fixed', text: 'reset' });
    desk.world.clock.stepWall(40 * DAY_MS);
    await desk.wait(6 * 60_000);
    const known = async (number: number) => (await desk.world.desk.reader.ticket(number))!;
    expect([(await known(one)).state, (await known(two)).state]).toEqual(['merged', 'closed']);
    for (const number of [one, two]) {
      const text = await page(desk, `/tickets/${number}`);
      expect([text.includes('It does not count as a question'), text.includes('Take it back')]).toEqual([true, true]);
      await desk.act(number, { do: 'time-back', entry: (await known(number)).time[0]!.no, text: 'the same call' });
      await desk.act(number, { do: 'count', counts: false, text: 'the same call' });
      expect(await page(desk, `/tickets/${number}`)).toContain('Count it as a question');
    }
    expect((await (await ask(desk, '/api/v1/time?month=2026-01')).json()) as object).toMatchObject({ homes: [{ billable: 0, free: 0 }] });
    const note = await ask(desk, `/api/v1/tickets/${two}/steps`, { version: (await known(two)).version, by: 'Ben', do: 'note', text: 'x' });
    expect(note.status).toBe(409);
  });

  it('is who on shift knows it: said on the ticket and in the queue, with who does and when, until somebody says that he is there', async () => {
    const desk = await start(await open());
    await desk.world.send(
      desk.hub,
      desk.hub.entry('device.added', device(NAS, { name: 'NAS', vendor: 'Synology Incorporated', kind: 'nas' })),
    );
    await desk.fire(NAS);
    const missing = 'Nobody on shift knows storage';
    expect(await page(desk, '/tickets')).toMatch(
      new RegExp(
        `On shift: nobody has said so .*${missing} Dana Smith does, from today 12:00 \\(Europe/Stockholm\\)\\. Or ask the dealer, Holm\\.`,
      ),
    );
    expect(await page(desk, '/tickets/1')).toContain(`${missing}. Dana Smith does, from today 12:00 (Europe/Stockholm).`);
    const said = await ask(desk, '/api/v1/shifts', { by: 'Dana Smith', on: true, hours: 2 });
    expect(await said.json()).toEqual({ name: 'Dana Smith', on: true, until: desk.now + 2 * 3_600_000 });
    expect(await page(desk, '/tickets')).not.toContain(missing);
    expect(await page(desk, '/tickets/1')).toContain('On shift and knows storage: Dana Smith.');
    expect((await ask(desk, '/api/v1/shifts', { by: 'Dana Smith', on: true, hours: 17 })).status).toBe(400);
    desk.world.clock.stepWall(2 * 3_600_000);
    expect(await page(desk, '/tickets/1')).toContain(missing);
    const deeds = await desk.world.database.selectFrom('audit').select('what').where('site_id', '=', '').execute();
    expect(deeds).toEqual([{ what: 'shift.on' }]);
  });
});

it('a home without a policy has its time counted by the minute, and no questions', async () => {
  const desk = await ToldDesk.start(await openDeskDatabase(join(temporaryFolder(), 'desk.db')), noticePolicy('receivers: {}\n'));
  const number = await byHand(desk, 'A');
  const refused = await ask(desk, `/api/v1/tickets/${number}/steps`, {
    version: 1,
    by: 'Ben',
    do: 'time',
    minutes: 7,
    billable: true,
    text: 'x',
  });
  expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('who agreed to which rate')]);
  await desk.act(number, { do: 'time', minutes: 7, billable: false, text: 'x' });
  desk.world.clock.stepWall(DAY_MS);
  expect((await desk.world.desk.reader.ticket(number))?.time).toMatchObject([{ minutes: 7, counted: 7 }]);
  expect(await (await ask(desk, `/api/v1/sites/${desk.world.site}/usage`)).json()).toEqual({
    usage: { time: { month: '2026-01', billable: 0, free: 7 } },
  });
});
