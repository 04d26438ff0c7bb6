/** A request to each address of a guarded desk that is in order, for one of its homes. */
import { jpeg } from '../builders/jpeg.ts';
import type { GuardedDesk, GuardedHome } from './guarded-desk.ts';

/** What is sent to an address such as `post /api/v1/tickets`: a note, an acknowledgement, a new ticket. */
export async function bodyFor(desk: GuardedDesk, home: GuardedHome, address: string): Promise<Record<string, string>> {
  if (address.includes('acknowledge')) return { site: home.id, key: home.alert.key, raisedHubAt: String(home.alert.raisedHubAt), by: 'x' };
  if (address.includes('incidents')) {
    const version = (await desk.world.desk.reader.incidents.one(home.incident))?.version ?? 1;
    return { do: 'note', version: String(version), text: 'looked at it', by: 'x' };
  }
  if (/tickets\/:number/.test(address)) {
    const version = (await desk.world.desk.reader.ticket(home.ticket))?.version ?? 1;
    return { do: 'note', version: String(version), text: 'looked at it', by: 'x' };
  }
  if (/forget$|^delete /.test(address)) return { site: 'another', reason: 'x', by: 'x' };
  if (address.endsWith('/contacts')) return { do: 'add', by: 'x', name: 'Somebody', role: 'owner', mobile: '+1 555 0100' };
  if (address.endsWith('/contracts')) return { do: 'add', by: 'x', vendor: 'Acme', contract: '1', all: 'true' };
  if (address.endsWith('/pictures')) return { do: 'add', by: 'x', caption: 'The rack', jpeg: jpeg().toString('base64') };
  if (address.endsWith('/visits')) return { do: 'add', by: 'x', day: '2020-01-01', who: 'Tom', why: 'Power' };
  if (address.endsWith('/links')) return { do: 'add', by: 'x', title: 'Manual', address: 'https://maker.example/' };
  if (address.endsWith('/notes')) return { do: 'add', by: 'x', text: 'the dog is friendly' };
  if (address.includes('sign-ins')) return { end: 'none', only: 'none' };
  if (address.endsWith('/password')) return { current: 'none', next: 'a-new-password-1', again: 'a-new-password-1' };
  if (address.includes('/passkeys') || address.endsWith('/account/tokens')) return { title: 'Mine', days: '0' };
  return {
    site: home.id,
    title: 'Netflix does not play',
    by: 'x',
    role: 'agent',
    signInName: 'petra',
    fullName: 'Petra Quist',
    homes: 'all',
    end: 'none',
    only: 'none',
    on: 'true',
    hours: '8',
  };
}

const QUERIES: Readonly<Record<string, string>> = {
  '/api/v1/search': '?q=Foreignbox',
  '/api/v1/time': '?month=2026-01',
  '/api/v1/statement': '?month=2026-01',
};

/** `others`: in place of what names something of that home, by the name of the part of the path. */
export function pathFor(home: GuardedHome, path: string, others: Readonly<Record<string, string>> = {}): string {
  const values: Record<string, string | number> = {
    site: home.id,
    id: path.includes('/people') ? 'nobody' : home.id,
    number: path.includes('incidents') ? home.incident : home.ticket,
    raised: home.alert.raisedHubAt,
    key: encodeURIComponent(home.alert.key),
    device: home.device,
    no: home.picture,
    name: 'nas-down',
    secret: 'none',
    ...others,
  };
  const query = /\/(alerts|tickets|events)$/.test(path) ? `?site=${home.id}` : (QUERIES[path] ?? '');
  return path.replace(/:(\w+)/g, (_, name: string) => String(values[name])) + query;
}
