/** What a vendor was asked about a ticket: written down as steps of it, late when nobody qualified is there in time, and reported by vendor. */
import { expect, it } from 'vitest';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';

const MINUTE_MS = 60_000;
const POLICY = `version: "1"
since: 2026-01-01
vendorCase: {qualifiedWithin: 30min}
homes: {OWN: {dealer: Own AV}, FOREIGN: {dealer: Foreign AV}}
`;

async function started(database: ConstructorParameters<typeof GuardedDesk>[0]) {
  const desk = new GuardedDesk(database);
  desk.policy = POLICY;
  await desk.start();
  const { own, world } = desk;
  const headers = await desk.headersOf('dealer');
  const step = async (body: object, version?: number): Promise<[number, string]> => {
    const seen = version ?? (await world.desk.reader.ticket(own.ticket))?.version;
    const response = await desk.ask('post', `/api/v1/tickets/${own.ticket}/steps`, headers, { version: seen, ...body });
    return [response.status, await response.text()];
  };
  const page = async (path: string) => (await (await desk.ask('get', path, headers)).text()).replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  const late = async () => (await world.desk.reader.tickets({ site: own.id, limit: 9 }))[0]?.vendor;
  const go = (minutes: number): void => world.clock.stepWall(minutes * MINUTE_MS);
  return { desk, step, page, late, go };
}

describeOnEachEngine('a vendor who is asked', (open) => {
  it('is followed from tier to tier on the ticket, in its timeline, the audit and the report, is late by the policy, and is no business of others', async () => {
    const { desk, step, page, late, go } = await started(await open());
    const { own, foreign, world } = desk;
    const { reader } = world.desk;
    const contract = (await reader.contracts.ofHome(own.id, 0))!.contracts.find(({ vendor }) => vendor === 'Ownnote')!.no;
    // What has ended is the last that is offered, however it is numbered.
    const setLastDay = (last_day: string | null) =>
      world.database.updateTable('vendor_contract').set({ last_day }).where('no', '=', contract).execute();
    const offered = async () => {
      const body = await (await desk.ask('get', `/tickets/${own.ticket}`, await desk.headersOf('dealer'))).text();
      return [...(/<select name="contract"[\s\S]*?<\/select>/.exec(body)?.[0] ?? '').matchAll(/value="(\d*)"/g)].map(([, no]) => no);
    };
    const before = await offered();
    await setLastDay('2020-01-01');
    expect([before[0], await offered()]).toEqual([String(contract), [before[1], String(contract), '']]);
    await setLastDay(null);
    const asked = world.clock.now().wallMs;
    expect((await step({ do: 'vendor', contract }))[0]).toBe(200);
    expect((await step({ do: 'vendor', contract }, 1))[0]).toBe(409);
    expect(await late()).toEqual({ name: 'Ownnote', since: asked, dueAt: asked + 30 * MINUTE_MS });
    go(12);
    const [{ no: entry } = { no: 0 }] = (await reader.ticket(own.ticket))!.cases;
    expect((await step({ do: 'vendor-reached', entry, tier: 'answered', case: 'K-17' }))[0]).toBe(200);
    go(20);
    expect(await page(`/tickets/${own.ticket}`)).toMatch(
      /With vendors 1 Ownnote case K-17 with Ownnote for 32 min , nobody qualified yet: due 2 min ago/,
    );
    expect(await page('/tickets')).toContain('nobody qualified yet: due 2 min ago');
    go(8);
    expect((await step({ do: 'vendor-reached', entry, tier: 'qualified' }))[0]).toBe(200);
    expect(await step({ do: 'vendor-reached', entry, tier: 'answered' })).toEqual([409, expect.stringContaining('already')]);
    expect(await late()).toBeUndefined();
    expect((await reader.ticket(own.ticket))?.cases).toMatchObject([
      { vendor: 'Ownnote', contract, name: 'K-17', opened: { at: asked, by: 'dealer Quist' }, qualified: { at: asked + 40 * MINUTE_MS } },
    ]);
    const whole = await page(`/tickets/${own.ticket}`);
    expect(whole).toMatch(
      /somebody qualified after 40 min.*What was done .*reached somebody qualified at Ownnote.*had a first answer at Ownnote case K-17.*asked Ownnote about it/,
    );
    const { deeds, brokenAt } = await reader.audit({ site: own.id, limit: 99 });
    expect(deeds.filter(({ what }) => what.startsWith('ticket.vendor')).map(({ what, detail }) => [what, JSON.parse(detail)])).toEqual([
      ['ticket.vendor', { contract, entry, vendor: 'Ownnote', from: 'new', to: 'open' }],
      ['ticket.vendor-reached', { entry, tier: 'answered', case: 'K-17', vendor: 'Ownnote' }],
      ['ticket.vendor-reached', { entry, tier: 'qualified', vendor: 'Ownnote' }],
    ]);
    expect(brokenAt).toBeUndefined();

    // One of the contracts of that home or named; another home's case is moved by nobody here, nor by who may only note.
    const [ofAnother] = (await reader.contracts.ofHome(foreign.id, 0))!.contracts;
    expect(await step({ do: 'vendor', contract: ofAnother?.no })).toEqual([409, expect.stringContaining('no such contract')]);
    expect(await step({ do: 'vendor' })).toEqual([409, expect.stringContaining('Say which vendor')]);
    const [lead, { version }] = [await desk.headersOf('lead'), (await reader.ticket(foreign.ticket))!];
    const foreignSteps = `/api/v1/tickets/${foreign.ticket}/steps`;
    await desk.ask('post', foreignSteps, lead, { do: 'vendor', vendor: 'Foreignnote', version });
    const [theirs] = (await reader.ticket(foreign.ticket))!.cases;
    expect(await step({ do: 'vendor-reached', entry: theirs?.no, tier: 'closed' })).toEqual([409, expect.stringContaining('no such case')]);
    const technician = await desk.headersOf('technician');
    const noted = { do: 'vendor', vendor: 'Mine', version: (await reader.ticket(own.ticket))?.version };
    expect((await desk.ask('post', `/api/v1/tickets/${own.ticket}/steps`, technician, noted)).status).toBe(403);

    // A vendor who is typed is by none of the contracts. One whose ticket is over is late to nobody; it can still be closed.
    expect((await step({ do: 'vendor', vendor: 'Cable Co', contract }))[0]).toBe(200);
    expect((await late())?.name).toBe('Cable Co');
    await step({ do: 'resolve', outcome: 'workaround', text: 'By cable.' });
    expect(await late()).toBeUndefined();
    const [, typed] = (await reader.ticket(own.ticket))!.cases;
    expect(typed).not.toHaveProperty('contract');
    expect((await step({ do: 'vendor-reached', entry: typed?.no, tier: 'closed' }))[0]).toBe(200);
    go(1);
    const report = await desk.ask('get', '/api/v1/reports', await desk.headersOf('dealer'));
    expect(((await report.json()) as { report: object }).report).toMatchObject({
      vendors: [
        { vendor: 'Cable Co', cases: 1, qualified: 0 },
        { vendor: 'Ownnote', cases: 1, qualified: 1, medianMs: 40 * MINUTE_MS, p95Ms: 40 * MINUTE_MS },
      ],
    });
    expect(await page('/reports')).toMatch(/Until a vendor had somebody qualified .*Cable Co 1 0 – – Ownnote 1 1 40 min 40 min/);
  });
});
