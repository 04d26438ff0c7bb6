/** Contracts with vendors: written down, changed, removed, shown where somebody rings, told when they end, and read by nobody whose homes they are not. */
import { expect, it } from 'vitest';
import { readServicePolicy } from '../../src/config/service.ts';
import { insertContract } from '../../src/desk/store/contracts.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';
import { device, deviceDown, deviceState } from '../fakes/hub.ts';

const POLICY = `version: '1'
since: '2020-01-01'
homes:
  SITE: {timeZone: America/New_York, dealer: Smith AV}
  7kkt28c5v7ab6wwc9st0kfne47: {dealer: Smith AV}
`;
const [OTHER, HOUR_MS] = ['7kkt28c5v7ab6wwc9st0kfne47', 3_600_000];

type Sent = { readonly no?: number; readonly error?: string; readonly field?: string };
type Listed = { contracts: { no: number; version: number; vendor: string; term: object }[] };

/** Ten in the evening of 29 January there, when it is the 30th in Europe. */
async function started(world: DeskWorld, text = POLICY) {
  const policy = readServicePolicy(text.replace('SITE', world.site));
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  world.service = policy.value;
  await world.start();
  await saveSite(world.database, { id: OTHER, name: 'Other' }, world.clock.now().wallMs);
  world.clock.stepWall(Date.UTC(2027, 0, 30, 3) - world.clock.now().wallMs);
  const fetched = (path: string, body?: object): Promise<Response> => {
    const headers = { host: 'localhost', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify({ by: 'Ben', ...body }) };
    return Promise.resolve(world.desk.app.fetch(new Request(`http://localhost${path}`, init)));
  };
  const send = async (body: object, site = world.site): Promise<[number, Sent]> => {
    const response = await fetched(`/api/v1/sites/${site}/contracts`, body);
    return [response.status, (await response.json()) as Sent];
  };
  const read = async <T>(path: string): Promise<T> => (await (await fetched(path)).json()) as T;
  const page = async (path: string): Promise<string> => (await (await fetched(path)).text()).replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  const ofHome = async (site = world.site) => (await read<Listed>(`/api/v1/sites/${site}/contracts`)).contracts;
  return { fetched, send, read, page, ofHome };
}

const STORAGE = { do: 'add', vendor: 'Synology', contract: 'C-4711', makers: 'Synology' };

describeOnEachEngine('contracts with vendors', (open) => {
  it('are kept with what they cover and cost, shown on home, ticket and list, and changed by whoever saw what is there', async () => {
    const world = new DeskWorld(await open());
    const { fetched, send, page, ofHome } = await started(world);
    const hub = world.hub();
    const at = world.clock.now().wallMs;
    const nas = device('7kkt28c5v7ab6wwc9st0kfnnas', { name: 'NAS cellar', vendor: 'Synology', kind: 'nas' });
    const down = deviceDown(nas.id, at, { severity: 'error', actionableAt: at, key: 'nas/down' });
    await world.send(hub, hub.birth(), hub.entry('device.added', nas), hub.entry('device.state', deviceState(nas.id, 'down', at)));
    await world.send(hub, hub.entry('alert.raised', down));
    const full = {
      ...{ ...STORAGE, level: '24x7', amount: '1200.50', currency: 'eur', phone: '+1 555 0100', url: 'https://help.example.com/nas' },
      ...{ firstDay: '2026-04-01', lastDay: '2027-03-31', devices: 'nas cellar', evidence: 'Serial number\nPhoto of the label' },
    };
    const [status, { no }] = await send(full);
    expect(status).toBe(200);
    await send(
      { do: 'add', vendor: 'Cable Co', contract: 'L-1', kinds: 'line, router', amount: 600, currency: 'EUR', forDealer: true },
      OTHER,
    );
    await send({ do: 'add', vendor: 'Sonos', contract: 'S-1', makers: ['Sonos'], amount: 10, currency: 'EUR', lastDay: '2027-01-28' });
    expect(await ofHome()).toMatchObject([
      { vendor: 'Sonos', term: { state: 'ended', daysLeft: -1, stage: 0 } },
      {
        vendor: 'Synology',
        cost: { amount: 1200.5, currency: 'EUR' },
        covers: { devices: [nas.id] },
        term: { state: 'holds', daysLeft: 61 },
      },
      { vendor: 'Cable Co', dealer: 'Smith AV', covers: { kinds: ['line', 'router'] } },
    ]);
    expect(await page(`/sites/${world.site}`)).toMatch(
      /Sonos contract S-1 ■ has ended.*Synology contract C-4711 , 24x7 \+1 555 0100 https:\/\/help\.example\.com\/nas 2026-04-01 to 2027-03-31 · 1,200.50 EUR a year · covers NAS cellar, what Synology makes They ask for: Serial number ; Photo of the label/,
    );
    const [ticket] = await world.desk.reader.tickets({ site: world.site, limit: 9 });
    expect(await page(`/tickets/${ticket?.number}`)).toMatch(/Which vendor to ring Synology contract C-4711 .*They ask for: Serial number/);
    expect((await world.desk.reader.ticket(ticket!.number))?.contracts).toMatchObject([
      { no, contract: 'C-4711', timeZone: 'America/New_York' },
    ]);
    // Asked by it; where no policy says how soon somebody qualified is to be there, within an hour.
    const asked = await fetched(`/api/v1/tickets/${ticket?.number}/steps`, { do: 'vendor', contract: no, version: ticket?.version });
    expect([asked.status, (await world.desk.reader.tickets({ limit: 9 }))[0]?.vendor]).toEqual([
      200,
      { name: 'Synology', since: at, dueAt: at + HOUR_MS },
    ]);
    // What is of the dealer costs no home anything; what has ended costs nothing.
    expect(await page('/contracts')).toMatch(
      /Sonos .*Synology .*Cable Co contract L-1 , all homes of Smith AV .* Smith AV 2 1,800.50 EUR – .*Lindgren 1 1,200.50 EUR –/,
    );

    const change = (version: number, over: object) => send({ ...full, do: 'change', no, version, ...over });
    expect(await change(1, { level: 'next day' })).toEqual([200, { no }]);
    expect(await change(1, { level: '8x5' })).toEqual([409, expect.objectContaining({ error: 'changed' })]);
    expect(await send({ do: 'remove', no, version: 1 })).toEqual([409, expect.objectContaining({ error: 'changed' })]);
    expect((await fetched(`/api/v1/sites/${world.site}/contracts`, { do: 'remove', no, version: 2 })).status).toBe(200);
    expect((await ofHome()).map(({ vendor }) => vendor)).toEqual(['Sonos', 'Cable Co']);
    const { deeds } = await world.desk.reader.audit({ site: world.site, limit: 99 });
    expect(deeds.filter(({ what }) => what.startsWith('contract')).map(({ what, detail }) => [what, detail])).toEqual([
      ['contract.added', `{"contract":${no}}`],
      ['contract.added', expect.anything()],
      ['contract.changed', `{"contract":${no},"fields":["level"]}`],
      ['contract.removed', `{"contract":${no}}`],
    ]);
  });

  it('are refused where they name no day, no address, no amount, no device, nothing that they cover, or no dealer', async () => {
    const world = new DeskWorld(await open());
    const { send } = await started(world);
    const wrong = async (over: object) => {
      const [status, { field, error }] = await send({ ...STORAGE, ...over });
      return [status, field ?? error];
    };
    expect(await wrong({ lastDay: '2027-02-30' })).toEqual([400, 'lastDay']);
    expect(await wrong({ firstDay: '2027-02-02', lastDay: '2027-02-01' })).toEqual([400, 'lastDay']);
    expect(await wrong({ url: 'javascript:alert(1)' })).toEqual([400, 'url']);
    expect(await wrong({ url: 'http://a.example/' })).toEqual([400, 'url']);
    expect(await wrong({ url: 'https://ben:secret@a.example/' })).toEqual([400, 'url']);
    expect(await wrong({ makers: 'Inc.' })).toEqual([400, 'makers']);
    expect(await wrong({ amount: '12.345', currency: 'EUR' })).toEqual([400, 'amount']);
    expect(await wrong({ amount: '12' })).toEqual([400, 'currency']);
    expect(await wrong({ makers: '' })).toEqual([400, 'makers']);
    expect(await wrong({ kinds: 'NAS!' })).toEqual([400, 'kinds']);
    expect(await wrong({ devices: 'No such box' })).toEqual([400, 'devices']);
    expect(await wrong({ evidence: ['gate code 4711'] })).toEqual([400, 'evidence']);
    const homeless = '7kkt28c5v7ab6wwc9st0kfnoav';
    await saveSite(world.database, { id: homeless, name: 'Nobody' }, 0);
    expect(await send({ ...STORAGE, forDealer: true }, homeless)).toEqual([409, expect.objectContaining({ error: 'refused' })]);
    expect((await send(STORAGE))[0]).toBe(200);
  });

  it('cover after a change what they covered before it, however devices and makers are called', async () => {
    const world = new DeskWorld(await open());
    const { fetched, send, ofHome } = await started(world);
    const hub = world.hub();
    const named = ['Cam', 'cam', 'NAS, cellar', 'Rack; left', 'x'.repeat(90), 'Door'].map((name, i) =>
      device(`7kkt28c5v7ab6wwc9st0kfnn0${i}`, { name }),
    );
    await world.send(hub, hub.birth(), ...named.map((each) => hub.entry('device.added', each)));
    const covers = { makers: ['Sonos, Inc.', 'Smith & Co.'], devices: named.flatMap(({ id }, i) => (i === 1 ? [] : [id])) };
    const [, { no }] = await send({ ...STORAGE, ...covers });
    const page = await (await fetched(`/sites/${world.site}`)).text();
    const form = page.slice(page.indexOf('id="contracts"'));
    const typed = (field: string): string =>
      (new RegExp(`<textarea name="${field}"[^>]*>([^<]+)<`).exec(form)?.[1] ?? '').replaceAll('&amp;', '&').replaceAll('\n', '\r\n');
    expect(typed('devices')).toMatch(/^\S{26}\r\nNAS, cellar\r\n\S{26}\r\n\S{26}\r\nDoor$/);
    const again = { ...STORAGE, makers: typed('makers'), devices: typed('devices'), level: '24x7' };
    expect(await send({ ...again, do: 'change', no, version: 1 })).toEqual([200, { no }]);
    expect(await ofHome()).toMatchObject([{ version: 2, covers }]);
    const { deeds } = await world.desk.reader.audit({ site: world.site, limit: 99 });
    expect(deeds.find(({ what }) => what === 'contract.changed')?.detail).toBe(`{"contract":${no},"fields":["level"]}`);
  });

  it('are told of by a ticket, once a stage, in the morning of the day by the clock of the home, whatever starts again', async () => {
    const world = new DeskWorld(await open());
    const { send } = await started(world);
    const tickets = async () =>
      (await world.desk.reader.tickets({ limit: 9 })).map(({ title, symptom, state }) => [symptom, state, title.slice(0, 60)]);
    const [, { no }] = await send({ ...STORAGE, lastDay: '2027-03-31' });
    // Whoever writes it down sees that it has ended.
    await send({ ...STORAGE, lastDay: '2026-12-31' });
    const go = async (hours: number) => {
      world.clock.stepWall(hours * HOUR_MS);
      await world.clock.advance(600_000);
      await world.desk.drain();
    };
    await go(3);
    expect(await tickets()).toEqual([]);
    // Nine in the morning of 30 January in New York: 60 days.
    await go(8);
    const first = [[`contract ${no}`, 'new', 'The contract with Synology (C-4711) ends on 2027-03-31']];
    expect(await tickets()).toEqual(first);
    await go(24);
    await world.restart();
    await go(24 * 27);
    expect(await tickets()).toEqual(first);
    // 1 March: 30 days. The ticket that is open says so.
    await go(24);
    await go(24);
    expect(await tickets()).toEqual(first);
    const said = async () => {
      const [ticket] = await world.desk.reader.tickets({ limit: 1 });
      const { deeds = [], contracts = [] } = (await world.desk.reader.ticket(ticket!.number)) ?? {};
      return [
        ...deeds.flatMap(({ what, detail }) => (what === 'ticket.contract' ? [(JSON.parse(detail) as { said: string }).said] : [])),
        contracts.length,
      ];
    };
    const settled = async () => {
      const [ticket] = await world.desk.reader.tickets({ limit: 1 });
      const { deeds = [] } = (await world.desk.reader.ticket(ticket!.number)) ?? {};
      return deeds
        .flatMap(({ what, detail }) => (what === 'ticket.settled' ? [(JSON.parse(detail) as { why: string }).why] : []))
        .slice(0, 1);
    };
    expect(await said()).toEqual(['It ends within 60 days, on 2027-03-31.', 'It ends within 30 days, on 2027-03-31.', 1]);
    // What ends a little later says so; what is renewed is done, and told of next year.
    await send({ ...STORAGE, do: 'change', no, version: 1, lastDay: '2027-04-05' });
    expect(await tickets()).toEqual([[`contract ${no}`, 'new', 'The contract with Synology (C-4711) ends on 2027-04-05']]);
    await send({ ...STORAGE, do: 'change', no, version: 2, lastDay: '2028-03-31' });
    expect((await tickets()).map(([, state]) => state)).toEqual(['resolved']);
    await go(24 * 60);
    expect(await said()).toHaveLength(3);
    expect(await settled()).toEqual(['the contract holds until 2028-03-31 now']);
    // What is taken away, too.
    const lastDay = new Date(world.clock.now().wallMs + 61 * 24 * HOUR_MS).toISOString().slice(0, 10);
    const [, other] = await send({ ...STORAGE, contract: 'C-9', lastDay });
    await go(36);
    const stateOfOther = async () => (await tickets()).find(([symptom]) => symptom === `contract ${other.no}`)?.[1];
    expect(await stateOfOther()).toBe('new');
    await send({ do: 'remove', no: other.no, version: 1 });
    expect([await stateOfOther(), await settled()]).toEqual(['resolved', ['the contract was removed']]);
    // That a contract ends is no trouble of a home, and no precision of an alert.
    expect((await world.desk.reader.report({ from: 0, to: world.clock.now().wallMs + 1 })).tickets.opened).toBe(0);
  });
});

const UNHEARD = '0kkt28c5v7ab6wwc9st0kfne47';
const [GENERAL, WROTE] = [
  { evidence: [], covers: { all: true, makers: [], kinds: [], devices: [] }, forDealer: true },
  { by: 'x', at: 1 },
];

describeOnEachEngine('contracts with vendors for all homes of a dealer', (open) => {
  it('stay on the home they were written down in when he is renamed or leaves, are told there, and are made those of the new one or removed', async () => {
    const world = new DeskWorld(await open());
    const { send, page, ofHome } = await started(world, `${POLICY}  ${UNHEARD}: {dealer: Far AV}\n`);
    const insert = (dealer: string, lastDay?: string) =>
      insertContract(world.database, world.site, { ...GENERAL, vendor: `of ${dealer}`, contract: '1', lastDay }, WROTE, { dealer });
    const [renamed, left] = [await insert('Smith', '2027-03-31'), await insert('Far AV', '2027-03-31')];
    expect((await ofHome()).map(({ vendor }) => vendor)).toEqual(['of Smith', 'of Far AV']);
    expect(await ofHome(OTHER)).toEqual([]);
    expect(await page(`/sites/${world.site}`)).toContain('of Smith contract 1 , for all homes of Smith');
    world.clock.stepWall(12 * HOUR_MS);
    await world.clock.advance(600_000);
    await world.desk.drain();
    const tickets = await world.desk.reader.tickets({ site: world.site, limit: 9 });
    expect(tickets.map(({ symptom }) => symptom).sort()).toEqual([`contract ${renamed}`, `contract ${left}`].sort());
    const [ticket] = tickets;
    const asked = await world.desk.reader.ticket(ticket!.number);
    expect(asked?.contracts).toHaveLength(1);
    // Saved as it is, it is of the dealer whose the home is now; his other homes have it too.
    const same = { vendor: 'of Smith', contract: '1', lastDay: '2027-03-31', all: true, forDealer: true };
    expect(await send({ ...same, do: 'change', no: renamed, version: 1 })).toEqual([200, { no: renamed }]);
    expect(await ofHome(OTHER)).toMatchObject([{ vendor: 'of Smith', dealer: 'Smith AV' }]);
    expect((await send({ do: 'remove', no: left, version: 1 }))[0]).toBe(200);
    expect((await ofHome()).map(({ vendor }) => vendor)).toEqual(['of Smith']);
  });

  it('are told in a home of his that the desk knows', async () => {
    const world = new DeskWorld(await open());
    await started(world, POLICY.replace('homes:\n', `homes:\n  ${UNHEARD}: {dealer: Smith AV}\n`));
    const said = { ...GENERAL, vendor: 'Cable Co', contract: '1', lastDay: '2027-03-31' };
    await insertContract(world.database, UNHEARD, said, WROTE, { dealer: 'Smith AV' });
    world.clock.stepWall(12 * HOUR_MS);
    await world.clock.advance(600_000);
    await world.desk.drain();
    expect(await world.desk.reader.tickets({ limit: 9 })).toMatchObject([{ site: world.site }]);
  });
});

describeOnEachEngine('the ticket of a contract', (open) => {
  it('that was made part of another leaves it its title, and says there that the end comes nearer', async () => {
    const world = new DeskWorld(await open());
    const { send, fetched } = await started(world);
    await send({ ...STORAGE, lastDay: '2027-03-31' });
    const go = async (hours: number) => {
      world.clock.stepWall(hours * HOUR_MS);
      await world.clock.advance(600_000);
      await world.desk.drain();
    };
    await go(12);
    const [ofContract] = await world.desk.reader.tickets({ limit: 9 });
    await fetched('/api/v1/tickets', { site: world.site, title: 'The box is dead' });
    const other = (await world.desk.reader.tickets({ limit: 9 })).find(({ title }) => title === 'The box is dead');
    const merged = await fetched(`/api/v1/tickets/${ofContract?.number}/steps`, {
      do: 'merge',
      into: other?.number,
      version: ofContract?.version,
    });
    expect(merged.status).toBe(200);
    await go(24 * 31);
    const whole = await world.desk.reader.ticket(other!.number);
    expect(whole?.title).toBe('The box is dead');
    expect(whole?.deeds.filter(({ what }) => what === 'ticket.contract')).toHaveLength(1);
  });
});

describeOnEachEngine('of contracts with vendors', (open) => {
  it('a dealer reads and changes those of his homes, a technician reads the one on his ticket without what it costs, a client none', async () => {
    const desk = new GuardedDesk(await open());
    await desk.start();
    const { own, foreign } = desk;
    const get = async (name: string, path: string) => desk.ask('get', path, await desk.headersOf(name));
    const vendors = async (name: string, path: string) => {
      const { contracts } = (await (await get(name, path)).json()) as { contracts: { vendor: string }[] };
      return contracts.map(({ vendor }) => vendor).sort();
    };
    // Written down in a home that was another dealer's then.
    const said = {
      vendor: 'Gone',
      contract: '1',
      evidence: [],
      covers: { all: true, makers: [], kinds: [], devices: [] },
      forDealer: true,
    };
    await insertContract(desk.world.database, own.id, said, { by: 'x', at: 1 }, { dealer: 'Foreign AV' });
    // And one of a dealer who has no homes any more, which is of nobody who sees some of them.
    const adrift = await insertContract(
      desk.world.database,
      own.id,
      { ...said, vendor: 'Adrift' },
      { by: 'x', at: 1 },
      { dealer: 'Left AV' },
    );
    expect(await vendors('lead', '/api/v1/contracts')).toEqual(['Adrift', 'Foreignnote', 'Foreignremark', 'Gone', 'Ownnote', 'Ownremark']);
    expect(await vendors('lead', `/api/v1/sites/${own.id}/contracts`)).toEqual(['Adrift', 'Ownnote', 'Ownremark']);
    for (const name of ['dealer', 'some-agent']) {
      expect(await vendors(name, '/api/v1/contracts')).toEqual(['Ownnote', 'Ownremark']);
      expect(await vendors(name, `/api/v1/sites/${own.id}/contracts`)).toEqual(['Ownnote', 'Ownremark']);
      expect((await get(name, `/api/v1/sites/${foreign.id}/contracts`)).status).toBe(404);
    }
    for (const path of ['/contracts', `/api/v1/sites/${own.id}/contracts`])
      expect([(await get('technician', path)).status, (await get('homeowner', path)).status]).toEqual([403, 403]);
    const ticket = (await (await get('technician', `/api/v1/tickets/${own.ticket}`)).json()) as { ticket: { contracts: object[] } };
    expect(ticket.ticket.contracts).toMatchObject([{ vendor: 'Ownnote' }, { vendor: 'Ownremark', dealer: 'Own AV' }]);
    expect(JSON.stringify(ticket.ticket.contracts)).not.toContain('cost');
    expect(await (await get('technician', `/sites/${own.id}`)).text()).not.toContain('Contracts with vendors');
    expect(await (await get('homeowner', `/sites/${own.id}`)).text()).not.toContain('Ownremark');

    // Those of all homes of a dealer are changed by who looks after all of them, and no foreign one by its number.
    const { reader } = desk.world.desk;
    const at = desk.world.clock.now().wallMs;
    const find = async (site: string, vendor: string) =>
      (await reader.contracts.ofHome(site, at))!.contracts.find((each) => each.vendor === vendor)!;
    const keep = async (name: string, body: object) =>
      (await desk.ask('post', `/api/v1/sites/${desk.own.id}/contracts`, await desk.headersOf(name), body)).status;
    const ofAll = await find(desk.own.id, 'Ownremark');
    const asked = { do: 'change', no: ofAll.no, version: ofAll.version, vendor: 'Mine', contract: 'X', all: true, forDealer: true };
    expect(await keep('some-agent', asked)).toBe(409);
    // Nor is it made one of a single home, nor taken away.
    expect(await keep('some-agent', { ...asked, forDealer: false })).toBe(409);
    expect(await keep('some-agent', { do: 'remove', no: ofAll.no, version: ofAll.version })).toBe(409);
    expect(await keep('some-agent', { ...asked, do: 'add' })).toBe(409);
    expect(await find(desk.own.id, 'Ownremark')).toEqual(ofAll);
    expect(await keep('dealer', asked)).toBe(200);
    for (const name of ['dealer', 'some-agent']) {
      expect(await keep(name, { ...asked, no: adrift, version: 1 })).toBe(409);
      expect(await keep(name, { do: 'remove', no: adrift, version: 1 })).toBe(409);
      const { version } = (await reader.ticket(desk.own.ticket))!;
      const steps = `/api/v1/tickets/${desk.own.ticket}/steps`;
      const step = { do: 'vendor', contract: adrift, version };
      expect((await desk.ask('post', steps, await desk.headersOf(name), step)).status).toBe(409);
    }
    expect(await keep('lead', { do: 'remove', no: adrift, version: 1 })).toBe(200);
    for (const vendor of ['Foreignnote', 'Foreignremark']) {
      const { no, version } = await find(desk.foreign.id, vendor);
      for (const name of ['lead', 'dealer']) {
        expect(await keep(name, { ...asked, no, version })).toBe(409);
        expect(await keep(name, { do: 'remove', no, version })).toBe(409);
      }
    }
  });
});
