/** A desk with accounts, two homes in which something is wrong, and somebody in each role who may see the first of them only. */
import { newRandomId } from '../../src/base/ids.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import type { ProviderLink } from '../../src/desk/access/provider.ts';
import type { ServicePolicy } from '../../src/desk/service/policy.ts';
import { insertContract } from '../../src/desk/store/contracts.ts';
import { insertContact, insertNote } from '../../src/desk/store/dossier.ts';
import { appendIncidentDeed, insertIncident } from '../../src/desk/store/incidents.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { WRITE_LINK, WRITE_PICTURE, WRITE_VISIT } from '../../src/desk/store/record.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { insertTime } from '../../src/desk/store/worked-time.ts';
import { readLibrary } from '../../src/platform/playbook-files.ts';
import { jpeg } from '../builders/jpeg.ts';
import { AccessWorld, CHEAP, PASSWORD } from './access-world.ts';
import { DeskWorld } from './desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub } from './hub.ts';

export type GuardedHome = {
  readonly id: string;
  readonly hub: FakeHub;
  readonly device: string;
  readonly picture: number;
  readonly ticket: number;
  /** It and homes that nobody has heard of. */
  readonly incident: number;
  readonly alert: { readonly key: string; readonly raisedHubAt: number };
};

/** Nobody who sees only the own home is ever answered with any of these words. */
export const FOREIGN_WORDS = [
  'Foreign AV',
  'Foreignhome',
  'Foreignbox',
  'Foreigntrouble',
  'Foreigntown',
  'Foreignnote',
  'Foreignremark',
  '4711',
];

/** There is one, so that its addresses are there. */
const SOME_PROVIDER: ProviderLink = {
  title: 'Example ID',
  issuer: 'https://login.example/',
  begin: () => Promise.reject(new Error('nobody asks it')),
  finish: () => Promise.reject(new Error('nobody asks it')),
};

function policyIn(text: string, own: string, foreign: string): ServicePolicy {
  const read = readServicePolicy(text.replaceAll('OWN', own).replaceAll('FOREIGN', foreign));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

export class GuardedDesk {
  readonly world: DeskWorld;
  readonly people: AccessWorld;
  own!: GuardedHome;
  foreign!: GuardedHome;
  /** Set before the start: a service policy with OWN and FOREIGN for the ids of the homes. Default: both have a dealer and no plan. */
  policy: string | undefined;

  constructor(database: DeskDatabase) {
    this.world = new DeskWorld(database);
    this.people = new AccessWorld(database, this.world.clock, CHEAP, SOME_PROVIDER);
    this.world.access = this.people.access;
    this.world.playbooks = readLibrary(undefined);
  }

  async start(): Promise<void> {
    const [ownId, foreignId] = [newRandomId(this.world.random), newRandomId(this.world.random)];
    const homes = new Map([
      [ownId, { plan: 'none', noCalls: [], dealer: 'Own AV' }],
      [foreignId, { plan: 'none', noCalls: [], dealer: 'Foreign AV' }],
    ]);
    const nothing = new Map();
    const policy = {
      version: '1',
      since: '2020-01-01',
      standardPlan: 'none',
      plans: nothing,
      holidays: nothing,
      skills: nothing,
      people: nothing,
      homes,
    };
    this.world.service = this.policy === undefined ? (policy as unknown as ServicePolicy) : policyIn(this.policy, ownId, foreignId);
    await this.world.start();
    this.own = await this.#home(ownId, 'Own');
    this.foreign = await this.#home(foreignId, 'Foreign');
    const { people } = this;
    const sites = { dealers: [], sites: [ownId] };
    await people.person('lead', 'lead');
    await people.person('agent', 'agent');
    await people.person('some-agent', 'agent', sites);
    await people.person('dealer', 'dealer', { dealers: ['Own AV'], sites: [] });
    await people.person('technician', 'technician', sites);
    await people.person('homeowner', 'homeowner', sites);
  }

  async #home(id: string, word: string): Promise<GuardedHome> {
    const { world } = this;
    const hub = world.hub({ site: id });
    const [box, now] = [newRandomId(world.random), world.clock.now().wallMs];
    await saveSite(world.database, { id, name: `${word}home` }, now);
    const alert = deviceDown(box, now, { severity: 'error', actionableAt: now, title: `${word}trouble`, key: `${box}/down` });
    const told = [hub.entry('device.added', device(box, { name: `${word}box` })), hub.entry('device.state', deviceState(box, 'down', now))];
    await world.send(hub, hub.birth(), ...told, hub.entry('alert.raised', alert));
    const [ticket] = await world.desk.reader.tickets({ site: id, limit: 1 });
    if (ticket === undefined) throw new Error('no ticket was opened');
    const worked = { site: id, ticket: ticket.number, at: now, by: 'x', text: `${word}trouble`, minutes: 5, counted: 5, billable: false };
    await insertTime(world.database, worked);
    const [wrote, ways] = [{ by: 'x', at: now }, [{ by: 'mobile', to: '+1 555 0100' }] as const];
    await insertContact(
      world.database,
      id,
      { name: `${word}note`, role: 'owner', hasKey: true, first: true, ways, about: `${word}remark` },
      wrote,
    );
    await insertNote(world.database, id, { text: `${word}note`, pinned: true }, wrote);
    const covers = { all: true, makers: [], kinds: [], devices: [] };
    const contract = { contract: word, cost: { amount: 100, currency: 'EUR' }, evidence: [`${word}remark`], covers, forDealer: false };
    const dealer = `${word} AV`;
    await insertContract(world.database, id, { ...contract, vendor: `${word}note` }, wrote, {});
    await insertContract(world.database, id, { ...contract, vendor: `${word}remark`, forDealer: true }, wrote, { dealer });
    await WRITE_VISIT.insert(world.database, id, { day: '2020-01-01', who: `${word}note`, why: `${word}note` }, wrote);
    const picture = await WRITE_PICTURE.insert(world.database, id, { caption: `${word}note`, jpeg: jpeg() }, wrote);
    await WRITE_LINK.insert(world.database, id, { title: `${word}note`, address: 'https://maker.example/' }, wrote);
    const [view] = await world.desk.reader.firing(id);
    const cause = { kind: 'area', name: `${word}town`, size: 4711, byChance: 0.5, since: now, lastFellAt: now, openedAt: now } as const;
    const { number: incident } = await insertIncident(world.database, cause);
    const member = { number: incident, since_at: now, left_at: null, is_back: 0 };
    await world.database
      .insertInto('incident_home')
      .values([id, newRandomId(world.random)].map((site_id) => ({ ...member, site_id })))
      .execute();
    await appendIncidentDeed(world.database, incident, { at: now, actor: 'desk', what: 'incident.note', detail: { text: 'Foreignnote' } });
    return { id, hub, device: box, picture, incident, ticket: ticket.number, alert: { key: view!.key, raisedHubAt: view!.raisedHubAt } };
  }

  /** What a browser sends in which that person has just signed in. */
  async headersOf(name: string): Promise<Record<string, string>> {
    const secret = await this.people.signIn(name, undefined, PASSWORD);
    return { cookie: `hearthbeat=${secret}`, 'sec-fetch-site': 'same-origin' };
  }

  ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Response> {
    const host = '127.0.0.1:7380';
    const isForm = !path.startsWith('/api/');
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const text = isForm ? String(new URLSearchParams(body as Record<string, string>)) : JSON.stringify(body);
    const sent = method !== 'get' ? { body: text, headers: { host, 'content-type': type, ...headers } } : { headers: { host, ...headers } };
    return Promise.resolve(this.world.desk.app.fetch(new Request(`http://${host}${path}`, { method: method.toUpperCase(), ...sent })));
  }
}
