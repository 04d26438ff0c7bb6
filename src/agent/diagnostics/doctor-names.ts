/** What `hearthbeat doctor` concludes about the name servers: whether they answer, and whether what they answer is true. Pure. */
import type { AnchorResult } from '../ports.ts';
import { type Finding, ok, problem, warning } from './doctor-check.ts';

/** What one server said of a name that the hub needs, and what a server elsewhere said of it where somebody else was asked. */
export type NameAnswer = {
  readonly name: string;
  readonly here: readonly string[];
  readonly elsewhere?: { readonly server: string; readonly addresses: readonly string[] };
};

/** `anchor` is `dns://` and the server's address. */
export type NameServerFacts = AnchorResult & {
  /** The address that it gave for a name that does not exist. */
  readonly invented?: string;
  readonly names?: readonly NameAnswer[];
};

const ANOTHER = 'set another name server in the DHCP settings of the router, such as 9.9.9.9';

export function judgeNameServers(servers: readonly NameServerFacts[]): Finding {
  if (servers.length === 0)
    return problem('No name server is set.', 'Renew the lease, or put one into /etc/resolv.conf: nameserver 9.9.9.9', [
      'interfaces',
      'gateway',
    ]);
  const answered = servers.filter(({ outcome }) => outcome === 'answered');
  const liar = answered.find(({ invented }) => invented !== undefined);
  if (liar) {
    return problem(
      `${addressOf(liar)} answers ${liar.invented} for a name that does not exist: a sign-in page, a provider or a filter puts itself in the way.`,
      `Open any http:// page in a browser here and sign in where it asks; else ${ANOTHER}.`,
      ['internet'],
    );
  }
  const hiding = answered.flatMap((server) => hiddenNames(server).map((name) => ({ server, ...name })))[0];
  if (hiding) {
    const { server, name, here, elsewhere } = hiding;
    return problem(
      `${addressOf(server)} says ${here[0] === undefined ? 'that it knows no' : `${here[0]} for`} ${name}, where ${elsewhere.server} says ${elsewhere.addresses[0]}.`,
      `Let ${name} through where names are filtered (Pi-hole, the router's filter for children); else ${ANOTHER}.`,
    );
  }
  return judgeSilence(servers, answered);
}

function judgeSilence(servers: readonly NameServerFacts[], answered: readonly NameServerFacts[]): Finding {
  const silent = servers.filter(({ outcome }) => outcome !== 'answered');
  const words = silent.map((server) => `${addressOf(server)} (${server.detail})`).join(', ');
  const working = answered.map(addressOf).join(', ');
  if (silent.length === 0) return ok(`Names are looked up by ${working}.`);
  if (answered.length > 0) {
    return warning(
      `Names are looked up by ${working}, but not by ${words}: every second look-up may take seconds.`,
      'Take the silent one out of the DHCP settings of the router.',
    );
  }
  return problem(`No name can be looked up: ${words}.`, `Restart the router, or ${ANOTHER}.`, ['interfaces', 'gateway', 'internet']);
}

const addressOf = ({ anchor }: AnchorResult): string => anchor.slice('dns://'.length).replaceAll(/[[\]]/g, '');

/** Pi-hole answers 0.0.0.0 for what it blocks, others 127.0.0.1 (docs.pi-hole.net, "Blocking mode"). */
const leadsNowhere = (address: string): boolean => address === '0.0.0.0' || address.startsWith('127.');

function hiddenNames({ names = [] }: NameServerFacts): (NameAnswer & { readonly elsewhere: NonNullable<NameAnswer['elsewhere']> })[] {
  return names.flatMap(({ name, here, elsewhere }) => {
    const isHidden = isUseless(here) && elsewhere !== undefined && !isUseless(elsewhere.addresses);
    return isHidden ? [{ name, here, elsewhere }] : [];
  });
}

/** Whether an answer leads to no machine, so that it is worth asking elsewhere. */
export const isUseless = (addresses: readonly string[]): boolean => addresses.every(leadsNowhere);
