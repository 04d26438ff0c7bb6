/** Lets one reader ask one device, and turns what it found into sightings of that device. */
import type { Clock } from '../../base/clock.ts';
import type { EvidenceSighting, ToldTopology } from '../discovery/sighting.ts';
import type { Askers } from '../ports.ts';
import type { ReadOutcome, ReadRequest } from './plan.ts';
import type { Finding } from './reader.ts';

const MOST_FINDINGS = 16;
const MOST_FIELDS = 48;
const LONGEST_VALUE = 512;
const MOST_IDENTIFIERS = 16;
const MOST_PORTS = 32;
/** Addresses behind the ports of a switch, and what it hears from its neighbours. */
const MOST_MACS_BEHIND_PORTS = 512;
const MOST_NEIGHBOURS = 32;
const MOST_WIRED_PORTS = 56;

export type ReadDone = { readonly outcome: ReadOutcome; readonly sightings: readonly EvidenceSighting[]; readonly failure?: unknown };

/** Never rejects; `failure` is a fault of the reader itself, which says nothing of the device. */
export async function readDevice({ deviceId, reader, target }: ReadRequest, askers: Askers, clock: Clock): Promise<ReadDone> {
  const done = (findings: readonly Finding[], failure?: unknown): ReadDone => {
    const heard = { at: clock.now(), interface: target.interface, ip: target.ip };
    const method = reader.method as EvidenceSighting['method'];
    return {
      outcome: { deviceId, reader: reader.name, answered: findings.length > 0 },
      sightings: findings.slice(0, MOST_FINDINGS).map((finding) => ({ ...heard, method, reader: reader.name, ...capped(finding) })),
      ...(failure === undefined ? {} : { failure }),
    };
  };
  const asker = askers.askerFor(target, reader);
  if (!asker) return done([]);
  try {
    return done(await reader.read(target, asker));
  } catch (error) {
    return done([], error);
  }
}

/** Readers keep these caps themselves; what gets into the inventory does not hang on that. */
function capped({ port, fields, identifiers = [], openPorts, topology, ports }: Finding) {
  const entries = Object.entries(fields).slice(0, MOST_FIELDS);
  return {
    ...(port === undefined ? {} : { port }),
    fields: Object.fromEntries(entries.map(([name, value]) => [name, value.slice(0, LONGEST_VALUE)])),
    identifiers: identifiers.slice(0, MOST_IDENTIFIERS),
    ...(openPorts === undefined ? {} : { openPorts: openPorts.slice(0, MOST_PORTS) }),
    ...(topology === undefined ? {} : { topology: cappedTopology(topology) }),
    ...(ports === undefined ? {} : { ports: ports.slice(0, MOST_WIRED_PORTS) }),
  };
}

function cappedTopology({ ports, neighbours }: ToldTopology): ToldTopology {
  return { ports: ports.slice(0, MOST_MACS_BEHIND_PORTS), neighbours: neighbours.slice(0, MOST_NEIGHBOURS) };
}
