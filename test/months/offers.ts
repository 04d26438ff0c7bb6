/**
 * What devices of a household are there for, and when that fails while the box goes on answering: a printer that does not print, a NAS without its files or its pages,
 * a camera without its stream. And what is nobody's fault: an update that closes a port for minutes, a NAS that needs minutes after its start. Drawn from a stream of its own.
 */
import type { DeviceKind } from '../../src/agent/inventory/kinds.ts';
import type { Random } from '../../src/base/random.ts';
import { between } from '../../src/simulation/seeded-random.ts';
import type { Resident } from './household.ts';
import { type Fault, type Life, lasting, timesIn } from './life.ts';
import { type Spell, union } from './spells.ts';

/** A month of one device: an estimate. */
export const FAILURES = { dies: 0.05, updates: 0.4 } as const;

type FailureRates = { readonly [what in keyof typeof FAILURES]: number };

/** Something to connect to: how it is announced (DNS-SD), when it is closed, and whether it refuses then or says nothing. */
export type Offer = { readonly port: number; readonly type: string; readonly closed: readonly Spell[]; readonly refuses: boolean };

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const OFFERED: Readonly<Partial<Record<DeviceKind, readonly (readonly [port: number, type: string])[]>>> = {
  printer: [[631, '_ipp._tcp']],
  nas: [
    [445, '_smb._tcp'],
    [5000, '_http._tcp'],
  ],
  camera: [[554, '_rtsp._tcp']],
};

export function withOffers(life: Life, random: Random, rates: FailureRates = FAILURES): Life {
  const offers = new Map<string, readonly Offer[]>();
  const faults: Fault[] = [];
  for (const one of life.household.residents) {
    const failed = timesIn(life.untilMs, random)(rates.dies).map((fromMs) => ({ fromMs, toMs: fromMs + lasting(random, 6 * HOUR_MS) }));
    const updates = timesIn(life.untilMs, random)(rates.updates).map((fromMs) => ({ fromMs, toMs: fromMs + between(random, UPDATE_MS) }));
    const offered = OFFERED[one.kind];
    if (offered === undefined) continue;
    // Of two, each may be the one that dies.
    const died = failed.map((spell) => ({ ...spell, port: offered[Math.floor(random.fraction() * offered.length)]?.[0] }));
    const refuses = random.fraction() < 0.5;
    offers.set(
      one.name,
      offered.map(([port, type]) => ({
        port,
        type,
        refuses,
        closed: union(
          died.filter((spell) => spell.port === port),
          updates,
          slowStarts(one, life),
        ),
      })),
    );
    faults.push(...failed.map((spell): Fault => ({ ...spell, what: 'service', device: one.name })));
  }
  return { ...life, offers, faults: [...life.faults, ...faults].sort((a, b) => a.fromMs - b.fromMs) };
}

const UPDATE_MS = [MINUTE_MS, 5.5 * MINUTE_MS] as const;
const SLOW_START_MS = 3 * MINUTE_MS;

function slowStarts({ name, kind }: Resident, { off }: Life): Spell[] {
  return kind === 'nas' ? (off.get(name) ?? []).map(({ toMs }) => ({ fromMs: toMs, toMs: toMs + SLOW_START_MS })) : [];
}
