/** Which alerts call for people's work, and which of them are the same work. Pure. */
import { type AlertCode, type AlertSeverity, isToPlan } from '../../protocol/alert-catalogue.ts';

/** An alert as far as that matters. `device`: of one device. */
export type Symptom = {
  readonly code: AlertCode;
  readonly severity: AlertSeverity;
  readonly device?: string | undefined;
  readonly stage?: number | undefined;
  /** Its hub has not seen for long enough that it lasts. */
  readonly isHeld: boolean;
  readonly actionableAt: number;
};

const URGENT: ReadonlySet<AlertSeverity> = new Set(['error', 'critical']);

/** Somebody is to act on it now: not on what may pass, and not on what is to be planned for. */
export function callsForWork(alert: Symptom, at: number): boolean {
  return URGENT.has(alert.severity) && !isToPlan(alert) && !alert.isHeld && alert.actionableAt <= at;
}

/** Of the line and the house as a whole: one visit looks at all of them. */
const PREMISES: ReadonlySet<AlertCode> = new Set(['gateway-unreachable', 'internet-down', 'dns-down', 'devices-down', 'hub-silent']);
const HUB: ReadonlySet<AlertCode> = new Set(['hub-impaired', 'storage-failed', 'storage-rebuilt']);

/** The work on the house as a whole. */
export const OF_THE_HOUSE = 'premises';

/** Names the work: alerts of one home with the same name are one ticket. */
export function symptomOf({ code, device }: Pick<Symptom, 'code' | 'device'>): string {
  if (PREMISES.has(code)) return OF_THE_HOUSE;
  if (HUB.has(code)) return 'hub';
  return device === undefined ? code : symptomOfDevice(device);
}

export function symptomOfDevice(device: string): string {
  return `device ${device}`;
}
