/** A visitor's reader that tells of which homes it was asked by themselves (access/looks.ts). */
import type { DeskReader } from '../reader.ts';

/** The same reader; `look` is told of each home that it answers about by itself. */
export function withLooks(reader: DeskReader, look: (site: string) => void): DeskReader {
  return {
    ...reader,
    site: async (id) => seen(await reader.site(id), ({ id }) => look(id)),
    device: async (site, id, span) => seen(await reader.device(site, id, span), () => look(site)),
    alert: async (site, key, at) => seen(await reader.alert(site, key, at), () => look(site)),
    ticket: async (number) => seen(await reader.ticket(number), ({ site }) => look(site)),
    alerts: async (filter) => ofOneHome(await reader.alerts(filter), filter, look),
    tickets: async (filter) => ofOneHome(await reader.tickets(filter), filter, look),
    events: async (filter) => ofOneHome(await reader.events(filter), filter, look),
  };
}

function seen<T>(found: T | undefined, tell: (found: T) => void): T | undefined {
  if (found !== undefined) tell(found);
  return found;
}

function ofOneHome<T>(found: T[], { site }: { readonly site?: string }, look: (site: string) => void): T[] {
  if (site !== undefined && found.length > 0) look(site);
  return found;
}
