/** What people who live in a home are told of it: no end that is to be checked first, and nothing of how the desk works on it. */
import type { FoundDeviceView } from './homes.ts';
import type { DeskReader } from './reader.ts';
import type { AlertView, DeviceView } from './views.ts';

const NOT_FOR_CLIENTS = async (): Promise<never> => Promise.reject(new Error('how a desk does with many homes is not for clients'));

/** Everything is named here: what a reader can be asked next is for clients only when somebody has said so. */
export function forClients(reader: DeskReader): DeskReader {
  const { homes } = reader;
  return {
    sites: reader.sites,
    site: reader.site,
    incidents: reader.incidents,
    homes: {
      after: homes.after,
      page: homes.page,
      totals: homes.totals,
      site: homes.site,
      sites: homes.sites,
      names: homes.names,
      search: async (text, page) => {
        const found = await homes.search(text, page);
        return { ...found, devices: found.devices.map(told) };
      },
      wrong: async () => {
        const wrong = await homes.wrong();
        return { ...wrong, firing: wrong.firing.map(withoutTicket) };
      },
      toPlan: async () => (await homes.toPlan()).map(withoutTicket),
      devices: async (names) => (await homes.devices(names)).map(told),
      alertViews: async (rows) => (await homes.alertViews(rows)).map(withoutTicket),
    },
    devices: async (site) => (await reader.devices(site)).map(told),
    device: async (site, id, span) => {
      const found = await reader.device(site, id, span);
      return found && { ...found, device: told(found.device) };
    },
    firing: async (site, perSite) => (await reader.firing(site, perSite)).map(withoutTicket),
    alert: async (site, key, at) => {
      const alert = await reader.alert(site, key, at);
      return alert && withoutTicket(alert);
    },
    alerts: async (filter) => (await reader.alerts(filter)).map(withoutTicket),
    tickets: async () => [],
    ticket: async () => undefined,
    countOpenTickets: async () => ({ open: 0, unanswered: 0 }),
    fleet: { page: NOT_FOR_CLIENTS, dealers: NOT_FOR_CLIENTS, heat: NOT_FOR_CLIENTS },
    contracts: { ofHome: async () => undefined, ofTicket: async () => [], all: NOT_FOR_CLIENTS },
    report: NOT_FOR_CLIENTS,
    audit: async () => ({ deeds: [] }),
    usage: async () => undefined,
    contacts: async (site, at, isHouseDown) => {
      const known = await reader.contacts(site, at, isHouseDown);
      return known && { ...known, contacts: known.contacts.map(({ about: _, ...contact }) => contact) };
    },
    notes: async () => [],
    homeVisits: reader.homeVisits,
    links: async () => [],
    pictures: reader.pictures,
    picture: reader.picture,
    timeSheet: async () => Promise.reject(new Error('what is billed is not for clients')),
    statement: async () => Promise.reject(new Error('what is billed is not for clients')),
    looks: async () => [],
    events: async () => [],
  };
}

function told<D extends DeviceView | FoundDeviceView>(device: D): D {
  if (device.lifecycle?.tell !== 'desk') return device;
  const { lifecycle: _, ...rest } = device;
  return rest as D;
}

function withoutTicket({ ticket: _, ...alert }: AlertView): AlertView {
  return alert;
}
