/** A visitor's reader that tells of which homes it was asked by themselves (access/looks.ts). */
import type { DeskReader } from '../reader.ts';

/**
 * The same reader; `look` is told of each home that it answers about by itself. Everything is named here: what a reader can be asked next does not compile before somebody has said
 * whether it is of one home.
 */
export function withLooks(reader: DeskReader, look: (site: string) => void): DeskReader {
  const { contracts } = reader;
  const seen = async <T>(site: string | undefined, asked: Promise<T>): Promise<T> => {
    const found = await asked;
    const isNothing = found === undefined || (Array.isArray(found) && found.length === 0);
    if (site !== undefined && !isNothing) look(site);
    return found;
  };
  return {
    sites: reader.sites,
    homes: reader.homes,
    fleet: reader.fleet,
    incidents: reader.incidents,
    report: reader.report,
    countOpenTickets: reader.countOpenTickets,
    timeSheet: reader.timeSheet,
    statement: reader.statement,
    contracts: {
      all: contracts.all,
      ofTicket: contracts.ofTicket,
      ofHome: (site, at) => seen(site, contracts.ofHome(site, at)),
    },
    site: (id) => seen(id, reader.site(id)),
    devices: (site) => seen(site, reader.devices(site)),
    device: (site, id, span) => seen(site, reader.device(site, id, span)),
    firing: (site, perSite) => seen(site, reader.firing(site, perSite)),
    alert: (site, key, at) => seen(site, reader.alert(site, key, at)),
    alerts: (filter) => seen(filter.site, reader.alerts(filter)),
    tickets: (filter) => seen(filter.site, reader.tickets(filter)),
    async ticket(number) {
      const ticket = await reader.ticket(number);
      if (ticket !== undefined) look(ticket.site);
      return ticket;
    },
    usage: (site, at) => seen(site, reader.usage(site, at)),
    contacts: (site, at, isHouseDown) => seen(site, reader.contacts(site, at, isHouseDown)),
    notes: (site) => seen(site, reader.notes(site)),
    homeVisits: (site) => seen(site, reader.homeVisits(site)),
    links: (site) => seen(site, reader.links(site)),
    pictures: (site) => seen(site, reader.pictures(site)),
    picture: (site, no) => seen(site, reader.picture(site, no)),
    // Whoever reads these has read the home, which is looked for first.
    audit: reader.audit,
    looks: reader.looks,
    events: (filter) => seen(filter.site, reader.events(filter)),
  };
}
