/** Looks up what the pack of a ticket is made of, and what of it is to be hidden. Only reads. */
import { HUB_ID } from '../../base/ids.ts';
import { couldBeSomebodys } from '../../protocol/personal-kinds.ts';
import type { Role } from '../access/roles.ts';
import type { ContactsView, DeskReader, TicketPageView } from '../reader.ts';
import { symptomOfDevice } from '../tickets/symptom.ts';
import type { DeviceView, SiteView } from '../views.ts';
import { type Pack, packOf } from './pack.ts';
import type { ActorRole } from './packed-deeds.ts';
import { type Hidden, redactor } from './redact.ts';

/** A ticket of a whole house names many; these it is enough to know. */
const MOST_DEVICES = 8;
const DAYS = 7;

export type PackAsked = {
  readonly number: number;
  readonly hasAddresses: boolean;
  readonly now: number;
  readonly deskVersion: string | undefined;
  /** Of those who have accounts, by their full names. */
  readonly roles: () => Promise<ReadonlyMap<string, Role>>;
};

/** Undefined where there is no such ticket, or not for the reader's eyes. */
export async function findPack(reader: DeskReader, asked: PackAsked): Promise<Pack | undefined> {
  const { number, now, hasAddresses, deskVersion } = asked;
  const ticket = await reader.ticket(number);
  const site = ticket && (await reader.site(ticket.site));
  if (ticket === undefined || site === undefined) return undefined;
  const [devices, contacts, roles] = await Promise.all([reader.devices(site.id), reader.contacts(site.id, now), asked.roles()]);
  const about = await Promise.all(
    aboutOf(ticket, devices).map(async (device) => (await reader.device(site.id, device.id, { days: DAYS, now })) ?? { device }),
  );
  const redact = redactor(hiddenOf({ ticket, site, devices, contacts, people: [...roles.keys()], hasAddresses }));
  return packOf({ ticket, site, devices, about, deskVersion, hasAddresses, now, redact, roleOf: (actor) => roleIn(roles, actor) });
}

function aboutOf({ alerts, symptom }: TicketPageView, devices: readonly DeviceView[]): DeviceView[] {
  const ids = new Set(alerts.flatMap(({ device }) => (device === undefined || device === HUB_ID ? [] : [device])));
  return devices.filter(({ id }) => ids.has(id) || symptom === symptomOfDevice(id)).slice(0, MOST_DEVICES);
}

type Around = {
  readonly ticket: TicketPageView;
  readonly site: SiteView;
  readonly devices: readonly DeviceView[];
  readonly contacts: ContactsView | undefined;
  readonly people: readonly string[];
  readonly hasAddresses: boolean;
};

function hiddenOf({ ticket, site, devices, contacts, people, hasAddresses }: Around): Hidden {
  const persons = contacts?.contacts ?? [];
  const { alerts, deeds, assignee, consent } = ticket;
  const agreed = deeds.flatMap(({ detail }) => (JSON.parse(detail) as { consent?: { from?: string } }).consent?.from ?? []);
  const staff = [assignee, consent?.recordedBy, ...deeds.map(({ actor }) => actor)];
  const seen = [...alerts.map(({ acknowledged }) => acknowledged?.by), ...site.silences.map(({ by }) => by)];
  const clients = [site.name, consent?.by, ...agreed, ...persons.flatMap(({ role, name }) => (role === 'vendor' ? [] : [name]))];
  const own = devices.filter(couldBeSomebodys);
  return {
    names: told([...clients, ...seen, ...staff.filter((actor) => actor !== undefined && !isProgram(actor))]),
    wholes: told([
      ...persons.flatMap(({ name, ways }) => [name, ...ways.map(({ to }) => to)]),
      ...own.flatMap(({ name, serial }) => [name, serial]),
      ...persons.map(({ about }) => about),
      ...people,
    ]),
    addresses: hasAddresses ? undefined : devices.flatMap(({ ips, macs }) => [...ips, ...macs]),
  };
}

function told(names: readonly (string | undefined)[]): string[] {
  return names.filter((name) => name !== undefined);
}

const isProgram = (actor: string): boolean => actor === 'desk' || actor.startsWith('token: ');

function roleIn(roles: ReadonlyMap<string, Role>, actor: string): ActorRole {
  if (actor === 'desk') return 'desk';
  return actor.startsWith('token: ') ? 'program' : (roles.get(actor) ?? 'staff');
}
