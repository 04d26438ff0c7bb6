/**
 * Reads the two texts in which Linux shows its neighbour table: `ip -s -j neigh` and /proc/net/arp.
 * Total: what cannot be read is counted and left out. The table is filled by the LAN, so it is capped.
 */
import { ipFamily } from '../../base/ip-address.ts';
import { parseMac } from '../../base/mac-address.ts';
import type { Neighbour } from '../ports.ts';

export type ParsedNeighbours = { readonly neighbours: readonly Neighbour[]; readonly refused: number };

/** Four times the kernel's own default limit (gc_thresh3 1024). */
const MOST_ENTRIES = 4096;

const STATES = new Set<string>(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'INCOMPLETE', 'PERMANENT', 'NOARP']);

/** ATF_COM of if_arp.h: the entry has a valid hardware address. */
const COMPLETE = 0x2;

/** ATF_PERM: entered by hand. */
const PERMANENT = 0x4;

/** The output of `ip -s -j neigh` (iproute2 4.14 and later): one JSON array, `confirmed` in whole seconds. */
export function parseIpNeigh(text: string): ParsedNeighbours {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return { neighbours: [], refused: 1 };
  }
  return Array.isArray(rows) ? readAll(rows, readIpRow) : { neighbours: [], refused: 1 };
}

/** /proc/net/arp: IPv4 only, and it cannot tell FAILED from INCOMPLETE nor fresh from stale, so `confirmedAgoMs` is absent. */
export function parseProcArp(text: string): ParsedNeighbours {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return readAll(lines.slice(1), readArpLine);
}

function readAll<Row>(rows: readonly Row[], read: (row: Row) => Neighbour | undefined): ParsedNeighbours {
  const kept = rows.slice(0, MOST_ENTRIES).map(read);
  const neighbours = kept.filter((entry) => entry !== undefined);
  return { neighbours, refused: rows.length - neighbours.length };
}

function readIpRow(row: unknown): Neighbour | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const { dst, dev, lladdr, state, confirmed, router } = row as Record<string, unknown>;
  if (typeof dst !== 'string' || ipFamily(dst) === undefined || typeof dev !== 'string' || dev === '') return undefined;
  return {
    ip: dst,
    interface: dev,
    ...macOf(lladdr),
    state: stateOf(state),
    ...(isSeconds(confirmed) ? { confirmedAgoMs: confirmed * 1000 } : {}),
    // iproute2 6.1 prints flags as keys with the value null: `"router":null`.
    isRouter: router !== undefined,
  };
}

function readArpLine(line: string): Neighbour | undefined {
  const [ip, , flagText, mac, , dev] = line.trim().split(/\s+/);
  const flags = Number(flagText);
  if (ip === undefined || ipFamily(ip) !== 4 || dev === undefined || !Number.isInteger(flags)) return undefined;
  if ((flags & COMPLETE) === 0) return { ip, interface: dev, state: 'INCOMPLETE', isRouter: false };
  return { ip, interface: dev, ...macOf(mac), state: flags & PERMANENT ? 'PERMANENT' : 'UNKNOWN', isRouter: false };
}

function macOf(text: unknown): { mac?: string } {
  const mac = typeof text === 'string' ? parseMac(text) : undefined;
  return mac === undefined ? {} : { mac };
}

function stateOf(state: unknown): Neighbour['state'] {
  const name: unknown = Array.isArray(state) ? state[0] : state;
  return typeof name === 'string' && STATES.has(name) ? (name as Neighbour['state']) : 'UNKNOWN';
}

const isSeconds = (value: unknown): value is number => typeof value === 'number' && value >= 0;
