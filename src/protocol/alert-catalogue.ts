/** Every alert this product can raise, declared once: hub, desk, CLI and documentation read this table. */

export const ALERT_CODES = [
  'device-down',
  'device-unstable',
  'device-degraded',
  'service-down',
  'devices-down',
  'gateway-unreachable',
  'internet-down',
  'dns-down',
  'device-new',
  'identity-conflict',
  'discovery-storm',
  'hub-impaired',
  'storage-failed',
  'storage-rebuilt',
  'support-ending',
  'support-ended',
  'cloud-ending',
  'replace-due',
  'known-exploited',
  'certificate-expiring',
  'warranty-ending',
  'battery-due',
  'lifecycle-digest',
  'hub-silent',
] as const;
export type AlertCode = (typeof ALERT_CODES)[number];

export type AlertSeverity = 'info' | 'warning' | 'error' | 'critical';

export type AlertDefinition = {
  readonly code: AlertCode;
  /** Who notices it. */
  readonly raisedBy: 'hub' | 'desk';
  readonly severity: AlertSeverity;
  readonly title: (subject: string) => string;
  /** While one of these fires, this alert is explained by it and stays quiet. */
  readonly dependsOn: readonly AlertCode[];
  /** How long it must last before a person is asked to act. The state is told at once. */
  readonly holdMs: number;
  /** What resolves it, in words, for the documentation and the page. */
  readonly resolvedBy: string;
  /** Told once and over in the same message: there is nothing to wait for. */
  readonly isMoment?: true;
};

const minutes = (n: number): number => n * 60_000;

export const ALERT_CATALOGUE: Readonly<Record<AlertCode, AlertDefinition>> = {
  'device-down': {
    code: 'device-down',
    raisedBy: 'hub',
    severity: 'error',
    title: (device) => `${device} does not answer`,
    dependsOn: [],
    holdMs: minutes(2),
    resolvedBy: 'two good answers at least 2 s apart, or an announcement by the device itself',
  },
  'device-unstable': {
    code: 'device-unstable',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `${device} comes and goes`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'half an hour in which it does not go down again',
  },
  'device-degraded': {
    code: 'device-degraded',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `${device} answers worse than it used to`,
    dependsOn: [],
    holdMs: minutes(15),
    resolvedBy: 'half an hour in which it is less than half as bad',
  },
  'service-down': {
    code: 'service-down',
    raisedBy: 'hub',
    severity: 'warning',
    title: (service) => `${service} does not answer, though the device does`,
    dependsOn: [],
    holdMs: minutes(2),
    resolvedBy: 'its ports being open again, the device itself falling silent, or a week in which they stay closed',
  },
  'devices-down': {
    code: 'devices-down',
    raisedBy: 'hub',
    severity: 'error',
    title: (devices) => `${devices} fell silent at once`,
    dependsOn: ['gateway-unreachable'],
    holdMs: minutes(2),
    resolvedBy: 'the return of its devices; one that stays silent is told by itself two minutes after half of them are back',
  },
  'gateway-unreachable': {
    code: 'gateway-unreachable',
    raisedBy: 'hub',
    severity: 'critical',
    title: (gateway) => `The router does not answer: ${gateway}`,
    dependsOn: [],
    holdMs: minutes(2),
    resolvedBy: 'two good answers of the router at least 2 s apart',
  },
  'internet-down': {
    code: 'internet-down',
    raisedBy: 'hub',
    severity: 'critical',
    title: (what) => `No internet: ${what}`,
    dependsOn: ['gateway-unreachable'],
    holdMs: minutes(1),
    resolvedBy: 'an answer from any place on the internet',
  },
  'dns-down': {
    code: 'dns-down',
    raisedBy: 'hub',
    severity: 'error',
    title: () => 'No names: the internet answers, the name servers of this home do not',
    dependsOn: ['gateway-unreachable', 'internet-down'],
    holdMs: minutes(2),
    resolvedBy: 'an answer from any of its name servers',
  },
  'device-new': {
    code: 'device-new',
    raisedBy: 'hub',
    severity: 'info',
    title: (what) => `New in this home: ${what}`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'nothing: it is told once and is over',
    isMoment: true,
  },
  'identity-conflict': {
    code: 'identity-conflict',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `Two devices claim the address of ${device}`,
    dependsOn: [],
    holdMs: minutes(2),
    resolvedBy: 'ten minutes in which only one of them claims it',
  },
  'discovery-storm': {
    code: 'discovery-storm',
    raisedBy: 'hub',
    severity: 'info',
    title: () => 'More new devices at once than a home has',
    dependsOn: [],
    holdMs: minutes(5),
    resolvedBy: 'ten minutes in which no further one appears',
  },
  'hub-impaired': {
    code: 'hub-impaired',
    raisedBy: 'hub',
    severity: 'warning',
    title: () => 'The hub itself cannot judge its home at the moment',
    dependsOn: [],
    holdMs: minutes(5),
    resolvedBy: 'two minutes in which the hub reads answers in time, can ask, and loses no packets of its own',
  },
  'storage-failed': {
    code: 'storage-failed',
    raisedBy: 'hub',
    severity: 'error',
    title: () => 'The hub cannot keep what it sees',
    dependsOn: [],
    holdMs: minutes(5),
    resolvedBy: 'a disk that can be written again and has space',
  },
  'storage-rebuilt': {
    code: 'storage-rebuilt',
    raisedBy: 'hub',
    severity: 'warning',
    title: () => 'The memory of the hub was damaged and has been made again',
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'nothing: it is told once and is over',
    isMoment: true,
  },
  'support-ending': {
    code: 'support-ending',
    raisedBy: 'hub',
    severity: 'info',
    title: (device) => `Its maker looks after ${device} not much longer`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'its end, a later date of its maker, or the device being gone',
  },
  'support-ended': {
    code: 'support-ended',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `${device} is no longer looked after by its maker`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'the device being gone, newer firmware where that is what ended, or a later date of its maker',
  },
  'cloud-ending': {
    code: 'cloud-ending',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `The maker's cloud that ${device} needs is ending`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'the device being gone, or a later date of its maker',
  },
  'replace-due': {
    code: 'replace-due',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `${device} should be replaced`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'the device being gone, or having recovered where it was observed',
  },
  'known-exploited': {
    code: 'known-exploited',
    raisedBy: 'hub',
    severity: 'critical',
    title: (device) => `Attackers use holes in ${device} that nobody closes`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'the device being gone, or newer firmware where that closes them',
  },
  'certificate-expiring': {
    code: 'certificate-expiring',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `The certificate of ${device} expires`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'a newer certificate, or the device being gone',
  },
  'warranty-ending': {
    code: 'warranty-ending',
    raisedBy: 'hub',
    severity: 'info',
    title: (device) => `The warranty of ${device} ends`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'its end, a later date that people set, or the device being gone',
  },
  'battery-due': {
    code: 'battery-due',
    raisedBy: 'hub',
    severity: 'warning',
    title: (device) => `The battery of ${device} wants to be replaced`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'the device no longer saying so, or being gone',
  },
  'lifecycle-digest': {
    code: 'lifecycle-digest',
    raisedBy: 'hub',
    severity: 'info',
    title: (what) => `What nears its end in this home: ${what}`,
    dependsOn: [],
    holdMs: 0,
    resolvedBy: 'nothing: it is told once and is over',
    isMoment: true,
  },
  'hub-silent': {
    code: 'hub-silent',
    raisedBy: 'desk',
    severity: 'error',
    title: (site) => `The hub of ${site} is silent`,
    dependsOn: [],
    holdMs: minutes(2),
    resolvedBy: 'the next message of the hub',
  },
};

/** An end that is to be planned for is no fault: nobody is called for it today, unless it cannot wait. */
export function isToPlan({ stage, severity }: { readonly stage?: number | undefined; readonly severity: AlertSeverity }): boolean {
  return stage !== undefined && severity !== 'critical';
}
