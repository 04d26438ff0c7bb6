/** The form of a verdict on what a device says of itself: for clients unless somebody has to look first, with the answer as its source. */
import { dayOf } from '../../base/partial-date.ts';
import type { Report } from '../inventory/reports.ts';
import type { ServiceLife } from './service-life.ts';
import type { Verdict, VerdictState } from './verdict.ts';

/** Of parts, by id. */
export type Lives = ReadonlyMap<string, ServiceLife>;

/** Two looks a day apart; they are jittered by a tenth (evidence/plan.ts). */
export const TWICE_MS = 12 * 3_600_000;

const ASKED: Readonly<Record<string, string>> = { snmp: 'SNMP', nut: 'Network UPS Tools', pjlink: 'PJLink', tls: 'TLS' };

export function verdictOf(
  { state, why, toDo }: { readonly state: VerdictState; readonly why: string; readonly toDo: string },
  source: string,
  { at }: Report,
): Verdict {
  return {
    state,
    critical: false,
    tell: state === 'check' ? 'desk' : 'client',
    why,
    grade: 'told by the device',
    toDo,
    source: { title: titleOf(source), readOn: dayOf(at) },
    facts: [],
  };
}

function titleOf(source: string): string {
  if (source === 'unifi-console') return 'the UniFi console that manages it';
  return `its answer by ${ASKED[source.replace(/:.*/, '')] ?? source}`;
}
