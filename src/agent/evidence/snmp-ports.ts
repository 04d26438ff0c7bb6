/**
 * What an agent counts on its wired ports: frames, those that came damaged, and those that were thrown away for want of room (IF-MIB, RFC 2863; EtherLike-MIB,
 * RFC 3635). Radios are left out: what they damage is the air's. Pure.
 */
import { present } from '../../base/present.ts';
import type { ToldPort } from '../discovery/sighting.ts';
import type { SnmpValue } from './snmp-message.ts';
import type { Row } from './snmp-session.ts';
import { textOf } from './snmp-tables.ts';

const IF = '1.3.6.1.2.1.2.2.1';
const IF_X = '1.3.6.1.2.1.31.1.1.1';
const COLUMNS = {
  type: `${IF}.3`,
  /** Unicast, 32 bits wide: at a home's pace they wrap in weeks, octets in minutes. */
  inFrames: `${IF}.11`,
  outFrames: `${IF}.17`,
  inDiscards: `${IF}.13`,
  inErrors: `${IF}.14`,
  outErrors: `${IF}.20`,
  name: `${IF_X}.1`,
  discontinuity: `${IF_X}.19`,
  fcsErrors: '1.3.6.1.2.1.10.7.2.1.3',
};

/** All three tables are indexed by ifIndex. The second limit is of what forwards nothing: its own one or two ports. Bare numbers but for a short name. */
export const PORTS = { columns: Object.values(COLUMNS), limit: 56, ofPlainHost: 4, cellsPerAnswer: 36 };
/** dot1dBasePortIfIndex: which port of the forwarding table is which interface (BRIDGE-MIB, RFC 4188). */
export const BRIDGE_PORTS = { columns: ['1.3.6.1.2.1.17.1.4.1.2'], limit: 64 };

/** ethernetCsmacd, and the types that old switches still give their ports (IANAifType-MIB). */
const WIRED = new Set<SnmpValue>([6, 62, 69, 117]);
const MOST_NAME = 32;
/**
 * What makers call ports. People name them too ("ether2-Anna"), and a port's name is told to the desk: only the maker's part of it is kept, and of a name
 * that is all theirs nothing.
 */
const MAKERS_NAME =
  /^(?:(?:combo|en[ops]?|eth|ether|ethernet|fa|fe|fastethernet|ge|gi|gigabitethernet|lan|p|port|qsfp|sfp|sfp-sfpplus|slot|swp|te|tengigabitethernet|unit|wan|xe|xgigabitethernet)[ -]?)?\d{1,4}(?:[/.:]\d{1,4}){0,4}(?:s\d{1,3}(?:f\d)?)?(?![a-z0-9])/i;

/** Ports that tell frames and errors; a row that the agent broke off is left out. */
export function toldPorts(rows: readonly Row[], bridgePorts: readonly Row[]): readonly ToldPort[] {
  const bridgePortOf = new Map(bridgePorts.map(({ index, cells }) => [cells.get(BRIDGE_PORTS.columns[0] as string), Number(index)]));
  const nameOf = ({ cells }: Row): string | undefined => MAKERS_NAME.exec(textOf(cells.get(COLUMNS.name), MOST_NAME) ?? '')?.[0];
  const wired = rows.filter(({ cells }) => WIRED.has(cells.get(COLUMNS.type)));
  const named = Map.groupBy(wired, nameOf);
  // Two ports of one name would be compared with each other.
  const isOnlyOne = (name: string | undefined): name is string => name !== undefined && named.get(name)?.length === 1;
  return wired.flatMap((row): ToldPort[] => {
    const { index, cells } = row;
    const name = nameOf(row);
    const count = (column: keyof typeof COLUMNS): number | undefined => numberIn(cells.get(COLUMNS[column]));
    const [inFrames, outFrames, inErrors] = [count('inFrames'), count('outFrames'), count('inErrors')];
    if (inFrames === undefined || outFrames === undefined || inErrors === undefined) return [];
    const counts = { inFrames, outFrames, inErrors, ...present({ outErrors: count('outErrors'), fcsErrors: count('fcsErrors') }) };
    const bridgePort = bridgePortOf.get(Number(index));
    return [
      {
        port: isOnlyOne(name) ? name : `#${index.slice(0, MOST_NAME)}`,
        ...present({
          bridgePort: bridgePort !== undefined && bridgePort > 0 ? bridgePort : undefined,
          discontinuity: count('discontinuity'),
        }),
        counts: { ...counts, ...present({ inDiscards: count('inDiscards') }) },
      },
    ];
  });
}

function numberIn(value: SnmpValue): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
