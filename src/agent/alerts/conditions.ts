/** From states to the conditions that deserve an alert: one line for each fault of the catalogue that the hub can see. */
import { duration } from '../../base/duration.ts';
import { ALERT_CATALOGUE, type AlertCode, type AlertSeverity } from '../../protocol/alert-catalogue.ts';
import type { AlertMessage, Evidence } from '../../protocol/messages.ts';
import { declineWords } from '../health/decline.ts';
import { type Doubt, whatItSaw } from '../health/doubt.ts';
import type { CheckRecord, HealthBook, HubCondition } from '../health/health.ts';
import type { InternetRecord } from '../health/internet.ts';
import type { NamesRecord } from '../health/names.ts';
import { type Services, serviceWords, toldServices } from '../health/services.ts';
import { behind } from '../health/unreachable.ts';
import { isConflict } from '../inventory/contested.ts';
import { titleAndPlace } from '../inventory/describe.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { Newcomers } from '../inventory/newcomers.ts';
import { asNamedOutside } from '../inventory/personal.ts';
import type { Parents } from '../inventory/wiring.ts';
import type { Claimant, Contest } from '../inventory/work.ts';
import { holdOf, type Policy } from '../policy.ts';
import { type CommonCauses, type Outage, outageOf } from './common-cause.ts';
import { declinedAlone } from './degraded.ts';
import { ofPerson } from './of-person.ts';
import type { FlapBook, Flaps } from './unstable.ts';
import { guardsLives, holdMsOf, isTold, severityOf } from './urgency.ts';

/** Something is wrong now. `key` names it for as long as it lasts. */
export type Condition = {
  readonly key: string;
  readonly code: AlertCode;
  readonly subject: string;
  readonly text: string;
  readonly deviceId?: string;
  /** Those that it is about, where they are many. */
  readonly members?: readonly string[];
  /** In place of what the catalogue says of its code. */
  readonly severity?: AlertSeverity;
  readonly holdMs?: number | undefined;
  /** More of it is found out while it lasts, and told again. */
  readonly isRetold?: boolean;
  /** Made only when an alert is raised or told again: it looks at the whole house. */
  readonly evidence: () => Evidence;
};

/** What conditions are read from; evidence is asked for only where an alert needs it. */
export type Situation = {
  readonly devices: ReadonlyMap<string, DeviceSummary>;
  readonly book: HealthBook;
  readonly internet: InternetRecord;
  readonly names: NamesRecord;
  /** What answers in the place of the internet, in a sentence. */
  readonly captive?: string | undefined;
  /** How far the way there works, in a sentence. */
  readonly where?: string | undefined;
  /** Addresses that two devices claim, and too many new devices at once. */
  readonly contests: ReadonlyMap<string, Contest>;
  readonly flaps: FlapBook;
  readonly causes: CommonCauses;
  readonly parents: Parents;
  readonly services: Services;
  readonly storm: Newcomers['storm'] | undefined;
  readonly doubt: Doubt;
  /** Why nothing can be kept, in a sentence. */
  readonly storage?: string | undefined;
  readonly links: HubCondition['links'];
  readonly policy: Policy;
  readonly vendorOf: (mac: string) => string | undefined;
  readonly evidence: (record: CheckRecord) => Evidence;
  readonly internetEvidence: () => Evidence;
  readonly hubEvidence: () => Evidence;
};

type Told = { readonly code: AlertCode; readonly device?: string | undefined };

/** Conditions that hold, and those that cannot be judged now (`unknown`): an alert in doubt is neither raised nor cleared. */
export type Conditions = {
  readonly firing: readonly Condition[];
  /** How long each kind of trouble must last, where its condition does not say. */
  readonly holdMsOf: (code: AlertCode) => number;
  readonly inDoubt: { has(key: string): boolean };
  /** Why what an alert was about is over, in a sentence. */
  readonly over: (alert: Told) => string;
  /** What is said of it when it is over: without the names of those that may have become a person's meanwhile. */
  readonly retold: (alert: AlertMessage) => Pick<AlertMessage, 'title' | 'text'>;
};

export function conditionsOf(situation: Situation): Conditions {
  const { policy } = situation;
  const firing: Condition[] = [];
  const inDoubt = new Set<string>();
  const doubted = new Set<string>();
  const declined: CheckRecord[] = [];
  for (const record of situation.book.values()) {
    const device = situation.devices.get(record.deviceId);
    if (!device || device.personal || !isTold(device, policy)) continue;
    const flaps = situation.flaps.get(record.deviceId);
    if (flaps?.unstableSinceMs !== undefined) firing.push(unstableCondition(device, record, flaps, situation));
    else if (record.state === 'down' && situation.causes.waiting.has(device.id)) doubted.add(device.id);
    else if (record.state === 'down') {
      // Who can forge a carrier must not be able to hide an alarm behind it.
      if (!outageOf(situation.causes, device.id) || guardsLives(device)) firing.push(deviceCondition(device, record, situation));
    }
    // Under either name: which device is the router may itself be in doubt.
    else if (record.state !== 'up' && record.state !== 'asleep') doubted.add(device.id);
    const answers = flaps?.unstableSinceMs === undefined && (record.state === 'up' || record.state === 'suspect');
    if (answers && record.past.decline && record.profile.silence === 'fault') declined.push(record);
  }
  for (const id of toldServices(situation.services)) firing.push(...serviceCondition(id, situation));
  for (const record of declinedAlone(declined, situation.book)) firing.push(...degradedCondition(record, situation));
  firing.push(
    ...outageConditions(situation),
    ...conflictConditions(situation),
    ...stormConditions(situation),
    ...hubConditions(situation),
    ...storageConditions(situation),
  );
  if (situation.internet.state === 'down') firing.push(internetCondition(situation));
  else if (situation.internet.state === 'unknown' && situation.internet.anchors.some((anchor) => anchor.everAnswered))
    inDoubt.add('internet-down');
  if (situation.names.state === 'down') firing.push(namesCondition(situation));
  else if (situation.names.state === 'unknown') inDoubt.add('dns-down');
  return {
    firing: withoutExplained(firing).filter(({ code }) => !policy.never.has(code)),
    inDoubt: { has: (key) => inDoubt.has(key) || isOfDevice(key, doubted) },
    holdMsOf: (code) => holdOf(code, policy),
    over: (alert) => overBecause(alert, situation),
    retold: (alert) => retold(alert, situation),
  };
}

function overBecause({ code, device = '' }: Told, { book, internet, causes, devices, names, policy }: Situation): string {
  if (code === 'internet-down') return internet.reason;
  if (code === 'dns-down') return names.reason;
  if (code === 'identity-conflict') return 'Only one device has claimed the address for ten minutes.';
  if (code === 'device-unstable' && book.get(device)?.state === 'down') return 'It stays down now.';
  if (code === 'device-unstable') return `It has not gone down again for ${spanOf(policy)}.`;
  if (code === 'device-degraded' && !book.get(device)?.past.decline) return 'It answers as it used to again.';
  if (code === 'device-degraded' && book.get(device)?.state === 'up')
    return 'Half of the devices beside it answer worse too, so it is not this one.';
  if (code === 'service-down' && book.get(device)?.state === 'up')
    return 'What did not answer is open again, has been closed for a week, or closed with half of all others in this home.';
  if (code === 'devices-down') return 'Its devices are back and stayed, or had two minutes to return after half of them were.';
  const outage = outageOf(causes, device);
  if (outage) return causeWords(outage, devices);
  if (code === 'hub-impaired') return 'The hub has been fit to judge for two minutes.';
  if (code === 'storage-failed') return 'The disk of the hub can be written again.';
  if (code === 'discovery-storm') return 'No further new device has appeared for ten minutes.';
  return book.get(device)?.reason ?? 'The device is not in this home any more.';
}

function retold({ code, device, title, text }: AlertMessage, { devices }: Situation): Pick<AlertMessage, 'title' | 'text'> {
  if (device !== undefined && devices.get(device)?.personal) return ofPerson(code);
  return { title, text: LISTS.reduce((kept, list) => kept.split(list)[0] as string, text) };
}

const SILENT = ' Silent: ';
const CARRIED = ' Behind it, and out of reach with it: ';
/** How lists of names begin: they stand last in a text. */
const LISTS = [SILENT, CARRIED];

const DEVICE_CODES = ['device-down', 'gateway-unreachable', 'device-unstable', 'device-degraded', 'service-down'] as const;

function keyOf(code: AlertCode, device: DeviceSummary): string {
  return `${code}:${device.id}`;
}

/** Asked of alerts that there are: to name five keys of each device would be asked of all, four times a second. */
function isOfDevice(key: string, devices: ReadonlySet<string>): boolean {
  return DEVICE_CODES.some((code) => key.startsWith(`${code}:`) && devices.has(key.slice(code.length + 1)));
}

function deviceCondition(device: DeviceSummary, record: CheckRecord, situation: Situation): Condition {
  const code = device.isGateway ? 'gateway-unreachable' : 'device-down';
  return {
    key: keyOf(code, device),
    code,
    subject: titleAndPlace(asNamedOutside(device)),
    text: `${record.reason}${carriedWords(device.id, situation)}`,
    deviceId: device.id,
    ...(device.isGateway
      ? {}
      : { severity: severityOf(device, situation.policy), holdMs: holdMsOf(device, record.profile, situation.policy) }),
    evidence: () => situation.evidence(record),
  };
}

/** What cannot be reached for this, by a known wiring; made at each look while it is down, so it stays short. */
function carriedWords(id: string, { parents, devices }: Situation): string {
  if (parents.size === 0) return '';
  const carried = behind(parents, id)
    .flatMap((child) => devices.get(child) ?? [])
    .filter(({ personal }) => !personal);
  if (carried.length === 0) return '';
  const names = carried.slice(0, MOST_NAMED).map((device) => titleAndPlace(asNamedOutside(device)));
  const more = carried.length > MOST_NAMED ? ` and ${carried.length - MOST_NAMED} more` : '';
  return `${CARRIED}${names.join('; ')}${more}.`;
}

const MOST_NAMED = 12;

/** Those whose cause is no device that tells itself. */
function outageConditions(situation: Situation): Condition[] {
  const { causes, devices, book, policy } = situation;
  return causes.outages.flatMap((outage): Condition[] => {
    if (outage.cause !== undefined) return [];
    const named = outage.members.size > 0 ? outage.members : outage.everyone;
    const members = [...named].flatMap((id) => devices.get(id) ?? []).filter(({ personal }) => !personal);
    const record = members.map(({ id }) => book.get(id)).find((each) => each !== undefined);
    if (!record) return [];
    const holds = members.flatMap((device) => holdMsOf(device, book.get(device.id)?.profile ?? record.profile, policy) ?? []);
    const names = members.slice(0, MOST_NAMED).map((device) => titleAndPlace(asNamedOutside(device)));
    const more = members.length > MOST_NAMED ? ` and ${members.length - MOST_NAMED} more` : '';
    const again = outage.falls > 1 ? ' They fell silent together again within half an hour, and this message stays until they stop.' : '';
    const text = `They hang on something that is not known here: a switch, an access point, their power.${again}${SILENT}${names.join('; ')}${more}.`;
    return [
      {
        key: `devices-down:${outage.name}`,
        code: 'devices-down',
        subject: `${outage.size} devices`,
        text,
        members: members.map(({ id }) => id),
        // Interference takes everything behind an access point for minutes.
        ...(holds.length > 0 ? { holdMs: Math.min(...holds) } : {}),
        evidence: () => situation.evidence(record),
      },
    ];
  });
}

function causeWords({ cause }: Outage, devices: Situation['devices']): string {
  const carrier = cause === undefined ? undefined : devices.get(cause);
  return carrier?.personal === false
    ? `It fell silent together with ${titleAndPlace(asNamedOutside(carrier))}.`
    : 'It fell silent together with many others.';
}

function spanOf({ unstable }: Policy): string {
  return unstable.withinMs === 1_800_000 ? 'half an hour' : duration(unstable.withinMs);
}

/** One message for all the times; what it is at the moment shows in its state. */
function unstableCondition(device: DeviceSummary, record: CheckRecord, { downAtMs }: Flaps, situation: Situation): Condition {
  return {
    key: `device-unstable:${device.id}`,
    code: 'device-unstable',
    severity: device.isGateway ? ALERT_CATALOGUE['gateway-unreachable'].severity : severityOf(device, situation.policy),
    subject: titleAndPlace(asNamedOutside(device)),
    text: `It went down ${downAtMs.length} times within ${spanOf(situation.policy)} and came back. Look at its power supply, its cable or its place in the Wi-Fi.`,
    deviceId: device.id,
    evidence: () => situation.evidence(record),
  };
}

function degradedCondition(record: CheckRecord, situation: Situation): Condition[] {
  const device = situation.devices.get(record.deviceId);
  const { decline } = record.past;
  if (!device || !decline) return [];
  return [
    {
      key: keyOf('device-degraded', device),
      code: 'device-degraded',
      subject: titleAndPlace(asNamedOutside(device)),
      text: `${declineWords(decline)} Look at its cable or its place in the Wi-Fi, its power supply, and what else it is busy with.`,
      deviceId: device.id,
      evidence: () => situation.evidence(record),
    },
  ];
}

/** One message for all of its services; none where it does not answer itself. */
function serviceCondition(deviceId: string, situation: Situation): Condition[] {
  const [device, record] = [situation.devices.get(deviceId), situation.book.get(deviceId)];
  const checks = situation.services.book.get(deviceId)?.checks ?? [];
  if (!device || device.personal || !isTold(device, situation.policy)) return [];
  if (record?.state !== 'up' && record?.state !== 'suspect') return [];
  const { names, details } = serviceWords(checks);
  return [
    {
      key: keyOf('service-down', device),
      code: 'service-down',
      severity: severityOf(device, situation.policy),
      subject: `${names.charAt(0).toUpperCase()}${names.slice(1)} of ${titleAndPlace(asNamedOutside(device))}`,
      text: `The device answers, but what it is there for does not: ${details}. Restart the service or the device, and look at its own page for errors.`,
      deviceId: device.id,
      evidence: () => situation.evidence(record),
    },
  ];
}

/** A person's device is not talked about; of one that claims the address of another only what cannot name a person is told. */
function conflictConditions(situation: Situation): Condition[] {
  return [...situation.contests.values()].filter(isConflict).flatMap((contest): Condition[] => {
    const [owner, ...takers] = contest.claimants;
    const device = situation.devices.get(owner?.deviceId ?? '');
    const record = situation.book.get(owner?.deviceId ?? '');
    if (!device || !record || device.personal || !owner) return [];
    const claims = [owner, ...takers].map((claimant) => claimWords(claimant, situation));
    return [
      {
        key: `identity-conflict:${device.id}`,
        code: 'identity-conflict',
        subject: titleAndPlace(asNamedOutside(device)),
        text: `${contest.ip} is claimed by ${claims.join(' and by ')}. What answers there is not taken for this device until only one claims it.`,
        deviceId: device.id,
        evidence: () => situation.evidence(record),
      },
    ];
  });
}

function claimWords({ deviceId, mac, firstAt, lastAt }: Claimant, { devices, vendorOf }: Situation): string {
  const isPersons = devices.get(deviceId)?.personal ?? true;
  const who = isPersons ? "a device that may be a person's" : `${mac} (${vendorOf(mac) ?? 'unknown maker'})`;
  return `${who} from ${clock(firstAt)} to ${clock(lastAt)} UTC`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

function stormConditions({ storm, internetEvidence }: Situation): Condition[] {
  if (!storm) return [];
  const text = `${storm.refused} new addresses were left out because they came too fast. Those that stay are taken in, twenty a minute at most.`;
  return [{ key: 'discovery-storm', code: 'discovery-storm', subject: 'this home', text, evidence: internetEvidence }];
}

function hubConditions({ doubt, links, hubEvidence }: Situation): Condition[] {
  if (!doubt.impaired) return [];
  const text = `${doubt.impaired.reason} What the hub saw of itself: ${whatItSaw(doubt, links)}. Meanwhile silent devices are unknown, not down.`;
  return [{ key: 'hub-impaired', code: 'hub-impaired', subject: 'the hub', text, evidence: hubEvidence }];
}

function storageConditions({ storage, hubEvidence }: Situation): Condition[] {
  if (storage === undefined) return [];
  return [{ key: 'storage-failed', code: 'storage-failed', subject: 'the hub', text: storage, evidence: hubEvidence }];
}

function namesCondition({ names, internetEvidence }: Situation): Condition {
  const lastAnswerAt: Evidence['lastAnswerAt'] = names.lastAnswerAt ? { dns: Math.round(names.lastAnswerAt.wallMs) } : {};
  return {
    key: 'dns-down',
    code: 'dns-down',
    subject: 'names',
    text: names.reason,
    evidence: () => ({ ...internetEvidence(), attempts: [...names.attempts], lastAnswerAt }),
  };
}

function internetCondition(situation: Situation): Condition {
  return {
    key: 'internet-down',
    code: 'internet-down',
    subject: situation.captive === undefined ? 'the router answers, the world beyond it does not' : 'something else answers in its place',
    text: situation.where === undefined ? situation.internet.reason : `${situation.internet.reason} ${situation.where}`,
    // What an earlier process told is not made less.
    isRetold: situation.where !== undefined && situation.internet.lastAnswerAt !== undefined,
    evidence: situation.internetEvidence,
  };
}

/** One cause, one message: what depends on a fault that fires itself is explained by it. */
function withoutExplained(conditions: readonly Condition[]): Condition[] {
  const codes = new Set(conditions.map((condition) => condition.code));
  return conditions.filter((condition) => !ALERT_CATALOGUE[condition.code].dependsOn.some((cause) => codes.has(cause)));
}
