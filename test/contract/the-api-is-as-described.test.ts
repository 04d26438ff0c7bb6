/** What the API answers holds to the description that it serves of itself, on a desk in which everything has happened; its lists can be read to their end, and what has not changed is not sent again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { API_TYPES, apiTypes } from '../../scripts/api-types.ts';
import { newRandomId } from '../../src/base/ids.ts';
import { SCOPES } from '../../src/desk/access/roles.ts';
import type { Call } from '../../src/desk/api/call.ts';
import { EVERY_CALL } from '../../src/desk/api/every-call.ts';
import { HOMES_CALLS } from '../../src/desk/api/homes.ts';
import { type OpenApi, openApi } from '../../src/desk/api/openapi.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { jpeg } from '../builders/jpeg.ts';
import { DescribedApi, troublesOf } from '../fakes/described-api.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';
import { device, deviceDown, deviceState, supportEnding, verdict } from '../fakes/hub.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';

const POLICY = `version: "7"
since: 2026-01-01
plans:
  basic:
    covers: {severities: [critical, error]}
    firstAnswer: {within: 30min}
    premisesDown: {within: 20min}
    visit: {reportBy: "14:00", until: "18:00", days: [mon, tue, wed, thu, fri, sat, sun]}
    interactions: {freePerMonth: 2, beyond: 25 EUR}
    fee: {amount: 49.90, currency: EUR}
    dealerShare: 0.3
    unanswered: [{after: 10min, to: second desk}]
skills:
  light: {kinds: [light]}
  storage: {vendors: [Synology]}
people:
  Dana Smith: {skills: [storage], hours: {spans: [{from: "12:00", to: "20:00"}], timeZone: Europe/Berlin}}
homes:
  OWN:
    plan: basic
    timeZone: Europe/Berlin
    dealer: Own AV
    consent: {by: J. Smith, on: 2026-10-14, rate: 120 EUR per hour, recordedBy: A. Meier}
    noCalls: [{from: "00:00", to: "23:59"}]
  FOREIGN: {plan: basic, dealer: Foreign AV}
`;
const MINUTE_MS = 60_000;

describeOnEachEngine('the API', (open) => {
  let desk: GuardedDesk;
  let api: DescribedApi;
  let lead: Record<string, string>;

  beforeEach(async () => {
    desk = new GuardedDesk(await open());
    desk.policy = POLICY;
    await desk.start();
    lead = await desk.headersOf('lead');
    api = new DescribedApi((await (await desk.ask('get', '/api/v1/openapi.json', lead)).json()) as OpenApi);
  });

  type Sent = { readonly query?: string; readonly headers?: Record<string, string>; readonly body?: unknown };

  /** Also adds what is wrong with the answer to `wrong`. */
  async function asked(wrong: string[], method: Call['method'], path: string, { query = '', headers = lead, body }: Sent = {}) {
    const response = await desk.ask(method, filled(path) + query, headers, body);
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const text = type === 'text/event-stream' ? '' : await response.text();
    if (type === 'text/event-stream') await response.body?.cancel();
    const answer = type === 'application/json' ? JSON.parse(text) : text === '' && type === '' ? undefined : text;
    wrong.push(...(await api.troubles(method, path, { status: response.status, type, body: answer })));
    return { status: response.status, answer };
  }

  function filled(path: string): string {
    const { own } = desk;
    const number = path.includes('incidents') ? own.incident : own.ticket;
    const key = encodeURIComponent(own.alert.key);
    const values: Record<string, string | number> = {
      ...{ site: own.id, id: own.id, device: own.device, no: own.picture, number, name: 'nas-down' },
      ...{ raised: own.alert.raisedHubAt, key },
    };
    return path.replace(/:(\w+)/g, (_, name: string) => String(values[name]));
  }

  const [acknowledge, steps] = ['/api/v1/alerts/acknowledge', '/api/v1/tickets/:number/steps'] as const;

  const step = async (wrong: string[], body: object) => {
    const version = (await desk.world.desk.reader.ticket(desk.own.ticket))?.version;
    return asked(wrong, 'post', steps, { body: { version, ...body } });
  };

  /** Everything that a hub can tell and people can do. */
  async function happen(wrong: string[]): Promise<void> {
    const { world, own } = desk;
    const [now, lamp] = [world.clock.now().wallMs, newRandomId(seededRandom('lamp'))];
    const evidence = {
      attempts: [{ at: now, method: 'arp', outcome: 'silent' as const, detail: 'no answer', rttMs: 3.5 }],
      lastAnswerAt: { arp: now - 9_000 },
      hub: { link: true, gateway: 'up' as const, othersAnswering: 4, eventLoopLagMs: 0.5 },
    };
    const about = { because: [{ fact: 'vendor', source: 'mdns', confidence: 0.9, or: 'Other' }], talks: ['_http._tcp'], hint: 'Look.' };
    const told = { name: 'Lamp', vendor: 'Maker', model: 'L1', modelNumber: 'X', kind: 'light', firmware: '1', serial: 'S', room: 'Hall' };
    const alarm = supportEnding(lamp, now, 90, { ends: '2026-03' });
    const silence = { n: 1, by: 'Ann', because: 'works', device: own.device, setAt: now, endsAt: now + MINUTE_MS };
    const absence = {
      why: 'hub-lost-power' as const,
      house: 'lost-power' as const,
      from: now - 9_000,
      to: now - 5_000,
      text: 'It was dark.',
    };
    const home = { gateway: 'up' as const, internet: 'up' as const, hubLink: true, personalDevices: 2, silences: [silence], absence };
    await world.send(
      own.hub,
      own.hub.entry('site.state', home),
      own.hub.entry('device.added', device(lamp, { ...told, ...about, critical: true })),
      own.hub.entry('device.state', deviceState(lamp, 'up', now, { evidence, detectBecause: 'of its link', reportAfterMs: 9 })),
      own.hub.entry('device.lifecycle', { device: lamp, verdict: verdict({ plannedFor: '2027', stops: 'Updates.', stays: 'Light.' }) }),
      own.hub.entry('alert.raised', alarm),
      own.hub.entry('alert.raised', deviceDown(own.device, now + 1, { key: 'late', evidence, actionableAt: now })),
      own.hub.entry('alert.cleared', deviceDown(own.device, now + 1, { key: 'late', clearedAt: now + 2, clearedBecause: 'it answers' })),
    );
    const seen = { site: own.id, key: own.alert.key, raisedHubAt: own.alert.raisedHubAt };
    expect((await asked(wrong, 'post', acknowledge, { body: { ...seen, note: 'on it' } })).status).toBe(200);
    const planned = { site: own.id, key: alarm.key, raisedHubAt: alarm.raisedAt, plannedFor: '2027-05' };
    expect((await asked(wrong, 'post', acknowledge, { body: planned })).status).toBe(200);
    for (const body of [
      { do: 'answer', channel: 'phone', text: 'I called.' },
      { do: 'time', minutes: 10, billable: true, text: 'Looked.', consentFrom: 'J. Smith', rate: '120 EUR' },
      { do: 'time-back', entry: 1, text: 'twice' },
      { do: 'count', counts: 'false', text: 'our mistake' },
      { do: 'tier', to: 'advanced', consentFrom: 'J. Smith', rate: '120 EUR' },
      { do: 'vendor', contract: '', vendor: 'Synology', case: 'K-1' },
      { do: 'vendor', contract: 1 },
      { do: 'vendor-reached', entry: 1, tier: 'qualified', case: 'K-2' },
      { do: 'vendor-reached', entry: 1, tier: 'closed' },
      { do: 'snooze', minutes: 5 },
      { do: 'wait', for: 'the client' },
      { do: 'resolve', outcome: 'workaround', text: 'Plugged in.' },
      { do: 'reopen', text: 'It is back.' },
    ])
      expect([body.do, (await step(wrong, body)).status]).toEqual([body.do, 200]);
    const opened = { site: own.id, title: 'Netflix does not play', channel: 'chat', text: 'since noon' };
    for (const _ of [1, 2, 3]) expect((await asked(wrong, 'post', '/api/v1/tickets', { body: opened })).status).toBe(201);
    const version = (await world.desk.reader.incidents.one(own.incident))?.version;
    for (const [i, body] of [{ do: 'take' }, { do: 'answer', channel: 'phone', text: 'All were told.' }].entries()) {
      const act = { version: (version as number) + i, ...body };
      expect((await asked(wrong, 'post', '/api/v1/incidents/:number/steps', { body: act })).status).toBe(200);
    }
    const { tokens } = desk.people.access;
    for (const title of ['report', 'wall'])
      await tokens.create('Lead', { title, role: 'agent', reach: { dealers: ['Own AV'], sites: [] }, days: 1 });
    await tokens.createOwn(await desk.people.known(await desk.people.signIn('dealer')), { title: 'own', scopes: ['tickets'], days: 1 });
    await desk.people.invite({ signInName: 'new', fullName: 'New Quist', role: 'agent', reach: 'all' });
    const neighbour = { do: 'add', name: 'Mr Ek', role: 'neighbour', phone: '555 0101', hours: '8-17', about: 'Rings back.' };
    expect((await asked(wrong, 'post', '/api/v1/sites/:id/contacts', { body: neighbour })).status).toBe(200);
    expect((await asked(wrong, 'post', '/api/v1/sites/:id/notes', { body: { do: 'add', text: 'A dog.' } })).status).toBe(200);
    const invited = { signInName: 'by.api', fullName: 'By Api', role: 'agent', reach: 'all' };
    const { person } = (await asked(wrong, 'post', '/api/v1/people', { body: invited })).answer as { person: { id: string } };
    const changed = { do: 'change', role: 'dealer', reach: { dealers: ['Own AV'], sites: [] } };
    const link = await desk.ask('post', `/api/v1/people/${person.id}/link`, lead, {});
    wrong.push(
      ...(await api.troubles('post', '/api/v1/people/:id/link', { status: 201, type: 'application/json', body: await link.json() })),
    );
    for (const body of [changed, { do: 'disable' }, { do: 'enable' }, { do: 'end-sign-ins' }, { do: 'remove-keys' }]) {
      const acted = await desk.ask('post', `/api/v1/people/${person.id}/steps`, lead, body);
      expect([body.do, acted.status]).toEqual([body.do, 200]);
      const told = { status: 200, type: 'application/json', body: await acted.json() };
      wrong.push(...(await api.troubles('post', '/api/v1/people/:id/steps', told)));
    }
    const token = { title: 'mine', scopes: ['people'], days: 1 };
    expect((await asked(wrong, 'post', '/api/v1/account/tokens', { body: token })).status).toBe(201);
    const visit = { do: 'add', day: '2026-01-02', who: 'Tom', why: 'Power', done: 'A fuse.', nextDue: '2027-01-02' };
    expect((await asked(wrong, 'post', '/api/v1/sites/:id/visits', { body: visit })).status).toBe(200);
    const shown = { do: 'add', caption: 'The rack', jpeg: jpeg().toString('base64') };
    expect((await asked(wrong, 'post', '/api/v1/sites/:id/pictures', { body: shown })).status).toBe(200);
    const manual = { do: 'add', title: 'Manual', address: 'https://maker.example/' };
    expect((await asked(wrong, 'post', '/api/v1/sites/:id/links', { body: manual })).status).toBe(200);
    const shift = { on: true, hours: 8 };
    expect((await asked(wrong, 'post', '/api/v1/shifts', { body: shift })).status).toBe(200);
  }

  /** What a list answers whole, what its links lead through one by one, and what comes behind a thing that is not in it. */
  async function readByLinks({ path, paging }: Call): Promise<Record<'whole' | 'parts' | 'behind', unknown[]>> {
    const list = (answer: unknown): unknown[] => (answer as Record<string, unknown[]>)[paging?.of as string] as unknown[];
    const whole = list(await (await desk.ask('get', filled(path), lead)).json());
    const parts: unknown[] = [];
    let next: string | undefined = `${filled(path)}?limit=1`;
    for (let i = 0; next !== undefined && i <= whole.length; i++) {
      const response: Response = await desk.ask('get', next, lead);
      parts.push(...list(await response.json()));
      next = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    // Behind what there is not (any more), or is somebody else's, comes nothing, and not everything.
    const gone = /events|audit|incidents/.test(path) ? 987_654_321 : path.endsWith('/log') ? 1 : newRandomId(seededRandom('gone'));
    const behind = paging?.by === 'page' ? [] : list(await (await desk.ask('get', `${filled(path)}?after=${gone}`, lead)).json());
    return { whole, parts, behind };
  }

  it('answers every call as its description says, whoever asks and whatever went wrong, and every list to its end by its links', async () => {
    const wrong: string[] = [];
    await happen(wrong);
    const queries: Readonly<Record<string, string>> = {
      search: '?q=Lamp',
      timeSheet: '?month=2026-01',
      statement: '?month=2026-01',
      device: '?days=1',
    };
    const reached = new Set<string>();
    for (const headers of [lead, await desk.headersOf('dealer'), await desk.headersOf('homeowner'), {}])
      for (const { name, method, path } of EVERY_CALL) {
        const { status } = await asked(wrong, method, path, { query: queries[name] ?? '', headers, body: {} });
        if (status < 300 || method !== 'get') reached.add(name);
      }
    expect(EVERY_CALL.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
    const about = await asked(wrong, 'get', '/api/v1/tickets', { query: `?device=${desk.own.device}` });
    expect((about.answer as { tickets: { number: number }[] }).tickets.map(({ number }) => number)).toEqual([desk.own.ticket]);
    expect((await asked(wrong, 'get', '/api/v1/time', { query: '?month=2026-01&format=csv' })).answer).toContain('Looked.');

    const { own, world } = desk;
    const over = deviceDown(own.device, world.clock.now().wallMs, { severity: 'error', key: 'gone' });
    await world.send(
      own.hub,
      own.hub.entry('alert.raised', over),
      own.hub.entry('alert.cleared', { ...over, clearedAt: over.raisedAt + 1 }),
    );
    const gone = { site: own.id, key: 'gone', raisedHubAt: over.raisedAt };
    const failing = [
      (await asked(wrong, 'post', acknowledge, { body: { ...gone, by: 'x' } })).status,
      (await asked(wrong, 'post', acknowledge, { body: { ...gone, key: 'none' } })).status,
      (await asked(wrong, 'post', acknowledge, { body: { ...gone, plannedFor: 'some day' } })).status,
      (await asked(wrong, 'post', steps, { body: { version: 1, do: 'take' } })).status,
      (await asked(wrong, 'post', steps, { headers: { ...lead, 'if-match': '"1"' }, body: { version: 1, do: 'take' } })).status,
      (await asked(wrong, 'post', steps, { body: { version: 1, do: 'note', text: 'x'.repeat(20_000) } })).status,
      (await asked(wrong, 'get', '/api/v1/alerts', { query: '?limit=0' })).status,
      (await asked(wrong, 'post', steps, { headers: { ...lead, 'sec-fetch-site': 'cross-site' }, body: {} })).status,
    ];
    expect(failing).toEqual([409, 404, 400, 409, 412, 413, 400, 403]);
    expect(wrong).toEqual([]);

    for (const call of EVERY_CALL) {
      if (call.paging === undefined || call.name === HOMES_CALLS.search.name) continue;
      const { whole, parts, behind } = await readByLinks(call);
      expect([call.name, parts, behind]).toEqual([call.name, whole, []]);
      expect([call.name, whole.length > 1]).toEqual([call.name, true]);
    }
  });
});

describe('the API', () => {
  let desk: GuardedDesk;
  let lead: Record<string, string>;

  beforeEach(async () => {
    desk = new GuardedDesk(await openDeskDatabase(join(temporaryFolder(), 'desk.db')));
    await desk.start();
    lead = await desk.headersOf('lead');
  });

  it('tells on its stream what is described', async () => {
    const { world, own } = desk;
    const api = new DescribedApi(openApi(EVERY_CALL));
    await world.clock.advance(2000);
    const response = await desk.ask('get', '/api/v1/stream', lead);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const events: string[] = [];
    while (!events.includes('pulse') && events.length < 10) {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)\n/.exec((await reader.read()).value ?? '') ?? [];
      events.push(event);
      expect(await api.troublesOfEvent('/api/v1/stream', event, JSON.parse(data))).toEqual([]);
      if (event === 'hello') await world.send(own.hub, own.hub.entry('device.state', deviceState(own.device, 'up', 1)));
      await world.clock.advance(event === 'hello' ? 2000 : 15_000);
    }
    await reader.cancel();
    expect([events[0], new Set(events)]).toEqual(['hello', new Set(['hello', 'change', 'pulse'])]);
  });

  it('answers 304 to whoever has it already, and to nobody else', async () => {
    const path = `/api/v1/sites/${desk.own.id}/devices`;
    const first = await desk.ask('get', path, lead);
    const etag = first.headers.get('etag') as string;
    const again = (headers: Record<string, string>, have = etag) => desk.ask('get', path, { ...headers, 'if-none-match': have });
    const same = await again(lead);
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await again(lead, `"other", W/${etag}`)).status).toBe(304);
    // The same bytes, and yet he has never seen them; for who is not signed in, or may not, it says nothing at all.
    const dealer = await desk.headersOf('dealer');
    const theirs = await desk.ask('get', path, dealer);
    expect([await theirs.text(), (await again(dealer)).status]).toEqual([await first.text(), 200]);
    expect([(await again({})).status, (await desk.ask('get', '/api/v1/people', { ...dealer, 'if-none-match': '*' })).status]).toEqual([
      401, 403,
    ]);
    const foreign = `/api/v1/sites/${desk.foreign.id}/devices`;
    expect((await desk.ask('get', foreign, { ...dealer, 'if-none-match': '*' })).status).toBe(404);

    const reach = { dealers: ['Own AV'], sites: [] };
    const made = (await desk.people.access.tokens.create('Lead', { title: 'x', role: 'dealer', reach, days: 1 })) as { token: string };
    const program = await desk.ask('get', path, { authorization: `Bearer ${made.token}` });
    const kept = ({ headers }: Response) => [headers.get('cache-control'), headers.get('vary')];
    expect(kept(program)).toEqual(['private, no-cache', 'authorization, cookie']);
    expect([kept(first)[0], kept(await desk.ask('get', '/api/v1/people', { authorization: `Bearer ${made.token}` }))[0]]).toEqual([
      'no-store',
      'no-store',
    ]);

    await desk.world.send(desk.own.hub, desk.own.hub.entry('device.state', deviceState(desk.own.device, 'up', 1)));
    expect((await again(lead)).status).toBe(200);
  });
});

it('the description of the API is valid OpenAPI 3.1, and names each call once', async () => {
  const document = JSON.parse(JSON.stringify(openApi(EVERY_CALL))) as OpenApi;
  expect(await troublesOf(document)).toEqual([]);
  expect(new Set(EVERY_CALL.map(({ name }) => name)).size).toBe(EVERY_CALL.length);
  const scopes = Object.values(document.paths)
    .flatMap(Object.values)
    .map((operation) => [operation.operationId, operation['x-scopes']]);
  expect(Object.fromEntries(scopes)).toMatchObject({
    listHomes: [...SCOPES],
    actOnTicket: ['notes', 'work'],
    settings: [],
    listPeople: ['people'],
    actOnAccount: ['people'],
    newLink: ['people'],
    makeOwnToken: [],
  });
  const broken = structuredClone(document) as unknown as { paths: Record<string, { get: { parameters: { in: string }[] } }> };
  broken.paths['/api/v1/sites']!.get.parameters[0]!.in = 'nowhere';
  expect(await troublesOf(broken)).not.toEqual([]);
});

it('the types of the page are those of the description (if not: npm run api:types)', () => {
  expect(readFileSync(API_TYPES, 'utf8')).toBe(apiTypes());
});
