/** Devices that near their end, for tests of what is told of it. */
import type { Track } from '../../src/agent/lifecycle/tracks.ts';
import type { VerdictMessage } from '../../src/protocol/messages.ts';
import { idOf } from './entries.ts';

/** Its security updates end on a day of the test's choice. */
export function trackOf(n: number, ends: string | undefined, more: Partial<Track> = {}): Track {
  return {
    device: idOf(n),
    cause: 'support',
    name: `acme-${n}`,
    ...(ends === undefined ? {} : { ends }),
    why: `Acme ${n}: security updates end ${ends ?? 'soon'}.`,
    more: 'Plan its replacement. Evidence: announced date, Acme.',
    ...more,
  };
}

export function verdictOf(n: number, more: Partial<VerdictMessage> = {}): VerdictMessage {
  return {
    state: 'plan',
    critical: false,
    tell: 'client',
    why: `Acme ${n}: security updates end 2027-06.`,
    grade: 'announced date',
    ends: { what: 'security updates', on: '2027-06' },
    toDo: 'Plan its replacement.',
    source: { title: 'Acme lifecycle', url: 'https://acme.example/end', readOn: '2026-11-01' },
    facts: [`acme-${n}`],
    timeline: [{ what: 'security updates', on: '2027-06' }],
    ...more,
  };
}
