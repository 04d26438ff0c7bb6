/**
 * Services apart from their hosts: a device that answers while its printing, its video or its page does not. One connection a device and a minute
 * at most; a verdict takes several refusals over minutes of what had been open for an hour, and is given for all services of a device at once.
 * Pure.
 */
import type { Instant } from '../../base/clock.ts';
import type { HealthState } from '../../protocol/messages.ts';
import type { Device } from '../inventory/device.ts';
import type { HealthBook, Transition } from './health.ts';
import { addressOf } from './plan.ts';
import type { ProbeRequest, ProbeResult } from './probe.ts';
import { MOST_SERVICES, type Service, servicesOf } from './service-list.ts';

/** Instants in monotonic milliseconds. */
export type ServiceCheck = Service & {
  /** Since when every question but a few has found it open. */
  readonly openSinceMs?: number | undefined;
  readonly lastOpenMs?: number | undefined;
  readonly askedAtMs: number;
  /** Questions in a row that found it closed. */
  readonly misses: number;
  readonly missedSinceMs?: number | undefined;
  /** In words: `refused`, `no reply`. */
  readonly found?: string;
  readonly downSince?: Instant | undefined;
};

export type ServiceRecord = {
  readonly checks: readonly ServiceCheck[];
  readonly nextAtMs: number;
  readonly asking?: number | undefined;
  readonly lastAsked?: number;
  /** Until then a host that has just come back may still be starting what it offers. */
  readonly graceUntilMs: number;
};

export type Services = {
  readonly book: ReadonlyMap<string, ServiceRecord>;
  /** Ids of the devices of which some are down. */
  readonly down: ReadonlySet<string>;
  readonly dueAtMs: number;
};

export type SavedService = Service & { readonly deviceId: string; readonly downSinceAt?: number | undefined };

export const NO_SERVICES: Services = { book: new Map(), down: new Set(), dueAtMs: 0 };

export const INTERVAL_MS = 60_000;
/** The plan is made at most this often: nothing here is urgent. */
export const PLAN_MS = 1_000;
const TIMEOUT_MS = 2_000;
/** What was open for so long is meant to be. */
const PROVEN_MS = 3_600_000;
const MISSES = 5;
const LEAST_MS = 240_000;
/** So many say that another service went with the one that made the verdict. */
const MISSES_BESIDE = 2;
/** A NAS answers pings minutes before it serves files. */
const GRACE_MS = 600_000;
/** What stays closed for so long was closed by somebody. */
const GIVEN_UP_MS = 7 * 86_400_000;

type ServicePlan = { readonly services: Services; readonly requests: readonly ProbeRequest[] };
type Asked = {
  readonly devices: ReadonlyMap<string, Device>;
  readonly book: HealthBook;
  readonly mayAsk: (device: Device) => boolean;
  readonly nowMs: number;
};

type WatchInputs = Omit<Asked, 'nowMs'> & Omit<ServiceInputs, 'back' | 'gone'> & { readonly transitions: readonly Transition[] };

/** Judges what was found, and plans what to ask next. */
export function watchServices(services: Services, inputs: WatchInputs): ServicePlan {
  const { transitions, now } = inputs;
  const gone = transitions.filter(({ to }) => isGone(to)).map(({ deviceId }) => deviceId);
  const back = transitions.filter(({ from, to }) => to === 'up' && (isGone(from) || from === 'unknown')).map(({ deviceId }) => deviceId);
  return planServices(judgeServices(services, { ...inputs, back, gone }), { ...inputs, nowMs: now.monoMs });
}

const isGone = (state: HealthState): boolean => state === 'down' || state === 'asleep' || state === 'unreachable';

/** One question for each device that is up and due; nothing changes but the time of the next plan where none is. */
function planServices(services: Services, asked: Asked): ServicePlan {
  const { devices, nowMs } = asked;
  if (nowMs < services.dueAtMs) return { services, requests: [] };
  const due: Device[] = [];
  for (const device of devices.values()) if (isDue(services.book.get(device.id), nowMs)) due.push(device);
  const dueAtMs = nowMs + PLAN_MS;
  if (due.length === 0 && services.book.size === devices.size) return { services: { ...services, dueAtMs }, requests: [] };
  const book = new Map([...services.book].filter(([id]) => devices.has(id)));
  const requests: ProbeRequest[] = [];
  let fresh = 0;
  for (const device of due) {
    const before = book.get(device.id);
    const record = listed(before ?? NEW_RECORD, device, asked);
    const request = before && requestFor(record, device, asked);
    const nextAtMs = nowMs + (before ? INTERVAL_MS : spread(++fresh));
    if (request) requests.push(request);
    book.set(device.id, { ...record, nextAtMs, ...(request ? { asking: request.port, lastAsked: request.port } : {}) });
  }
  return { services: { book, down: downAmong(services.down, book), dueAtMs }, requests };
}

const NEW_RECORD: ServiceRecord = { checks: [], nextAtMs: 0, graceUntilMs: 0 };

function isDue(record: ServiceRecord | undefined, nowMs: number): boolean {
  return record === undefined || (record.nextAtMs <= nowMs && record.asking === undefined);
}

/** Those that come at once take their turns over the whole interval. */
function spread(count: number): number {
  return (count * PLAN_MS) % INTERVAL_MS;
}

/** The checks of a device as it is known now: what was open once stays until it has been closed for a week. */
function listed(record: ServiceRecord, device: Device, { mayAsk, nowMs }: Asked): ServiceRecord {
  const offered = mayAsk(device) ? servicesOf(device) : undefined;
  if (offered === undefined) return record.checks.length === 0 ? record : { ...record, checks: [] };
  const checks = record.checks.filter((check) => !isGivenUp(check, nowMs));
  const known = (service: Service): ServiceCheck =>
    checks.find(({ port }) => port === service.port) ?? { ...service, askedAtMs: 0, misses: 0 };
  // What was open once stays where it is not offered any more.
  const meant = checks.filter(({ openSinceMs }) => openSinceMs !== undefined);
  const ranked = [...checks.filter(({ downSince }) => downSince), ...offered.map(known), ...meant];
  const next = ranked.filter(({ port }, index) => ranked.findIndex((other) => other.port === port) === index).slice(0, MOST_SERVICES);
  const isSame = next.length === record.checks.length && next.every((check) => record.checks.includes(check));
  return isSame ? record : { ...record, checks: next };
}

function isGivenUp({ downSince }: ServiceCheck, nowMs: number): boolean {
  return downSince !== undefined && nowMs - downSince.monoMs >= GIVEN_UP_MS;
}

function requestFor(record: ServiceRecord, device: Device, { book, nowMs }: Asked): ProbeRequest | undefined {
  const address = addressOf(device);
  const mayAnswer = book.get(device.id)?.state === 'up' && nowMs >= record.graceUntilMs;
  if (!address || !mayAnswer || record.checks.length === 0) return undefined;
  const { ip, interface: name } = address;
  return { deviceId: device.id, ip, interface: name, method: 'tcp', port: nextPort(record), timeoutMs: TIMEOUT_MS };
}

/** What is in doubt and what is not take turns, so that the verdict on one knows how the others are. */
function nextPort({ checks, lastAsked }: ServiceRecord): number {
  const isDoubted = ({ misses, downSince }: ServiceCheck): boolean => misses > 0 && downSince === undefined;
  const wasDoubted = checks.some((check) => check.port === lastAsked && isDoubted(check));
  const turn = checks.filter((check) => isDoubted(check) !== wasDoubted);
  const oldestFirst = [...(turn.length > 0 ? turn : checks)].sort((a, b) => a.askedAtMs - b.askedAtMs);
  return (oldestFirst[0] as ServiceCheck).port;
}

type ServiceInputs = {
  readonly results: readonly ProbeResult[];
  readonly book: HealthBook;
  /** Ids of devices that have just come back, or gone. */
  readonly back: readonly string[];
  readonly gone: readonly string[];
  /** Whether the hub trusts what it found: it is fit, and nobody else claims the address. */
  readonly isTrusted: (deviceId: string) => boolean;
  readonly now: Instant;
};

/** The services after what was found; the same where nothing was. `down` is another set when a verdict was given or taken back. */
function judgeServices(services: Services, inputs: ServiceInputs): Services {
  const { results, back, gone, now } = inputs;
  if (results.length + back.length + gone.length === 0) return services;
  const book = new Map(services.book);
  const change = (id: string, changed: (record: ServiceRecord) => ServiceRecord): void => {
    const record = book.get(id);
    if (record) book.set(id, changed(record));
  };
  for (const id of gone) change(id, (record) => forgiven(record, now));
  for (const id of back) change(id, (record) => ({ ...record, graceUntilMs: now.monoMs + GRACE_MS }));
  for (const result of results) change(result.request.deviceId, (record) => afterAnswer(record, result, inputs));
  return { ...services, book, down: downAmong(services.down, book) };
}

/** The same set where the same are down. */
function downAmong(before: Services['down'], book: Services['book']): Services['down'] {
  const down = new Set<string>();
  for (const [id, { checks }] of book) if (checks.some((check) => check.downSince)) down.add(id);
  return down.symmetricDifference(before).size === 0 ? before : down;
}

/** A host that is gone takes its services with it: they are judged anew when it is back. */
function forgiven(record: ServiceRecord, { monoMs }: Instant): ServiceRecord {
  const meant = { openSinceMs: monoMs - PROVEN_MS, lastOpenMs: monoMs };
  const checks = record.checks.map((check) => {
    const calm = { ...check, misses: 0, missedSinceMs: undefined, downSince: undefined };
    return check.downSince ? { ...calm, ...meant } : calm;
  });
  return { ...record, checks };
}

function afterAnswer(record: ServiceRecord, result: ProbeResult, { book, isTrusted, now }: ServiceInputs): ServiceRecord {
  const { deviceId, port } = result.request;
  const settled = { ...record, asking: undefined };
  const isSaid = result.outcome !== 'unable' && book.get(deviceId)?.state === 'up' && isTrusted(deviceId);
  if (!isSaid) return settled;
  const checks = record.checks.map((check) => (check.port === port ? afterOne(check, result, now) : check));
  return { ...settled, checks: withVerdict(checks, now) };
}

function afterOne(check: ServiceCheck, { detail, outcome }: ProbeResult, now: Instant): ServiceCheck {
  const askedAtMs = now.monoMs;
  if (outcome === 'answered' && detail === 'open') {
    const openSinceMs = check.openSinceMs ?? now.monoMs;
    return { ...check, askedAtMs, openSinceMs, lastOpenMs: now.monoMs, misses: 0, missedSinceMs: undefined, downSince: undefined };
  }
  return { ...check, askedAtMs, misses: check.misses + 1, missedSinceMs: check.missedSinceMs ?? now.monoMs, found: detail };
}

/** Once one has been closed long enough, it and those that closed with it are down together; what was not open long enough is nobody's loss. */
function withVerdict(checks: readonly ServiceCheck[], now: Instant): readonly ServiceCheck[] {
  const isLong = ({ misses, missedSinceMs }: ServiceCheck): boolean =>
    misses >= MISSES && now.monoMs - (missedSinceMs ?? now.monoMs) >= LEAST_MS;
  if (!checks.some((check) => check.downSince === undefined && isLong(check))) return checks;
  return checks.map((check) => {
    if (check.downSince !== undefined || check.misses < MISSES_BESIDE) return check;
    if (!isProven(check)) return isLong(check) ? { ...check, openSinceMs: undefined, misses: 0, missedSinceMs: undefined } : check;
    const agoMs = now.monoMs - (check.missedSinceMs ?? now.monoMs);
    return { ...check, openSinceMs: undefined, downSince: { monoMs: now.monoMs - agoMs, wallMs: now.wallMs - agoMs } };
  });
}

function isProven({ openSinceMs, lastOpenMs }: ServiceCheck): boolean {
  return openSinceMs !== undefined && lastOpenMs !== undefined && lastOpenMs - openSinceMs >= PROVEN_MS;
}

/** So many devices at once, and so great a part of those that offer anything, are no coincidence. */
const FEWEST_TOGETHER = 3;
const SHARE_TOGETHER = 0.5;

/**
 * Ids of the devices whose services are told. None where half of all that offer anything closed with them: then the hub is kept from asking,
 * by a firewall or a change of the network, and no device is at fault.
 */
export function toldServices({ book, down }: Services): readonly string[] {
  if (down.size === 0) return [];
  let [offering, closed] = [0, 0];
  for (const { checks } of book.values()) {
    const isClosed = checks.some(({ downSince, misses }) => downSince !== undefined || misses >= MISSES_BESIDE);
    if (isClosed || checks.some(({ openSinceMs }) => openSinceMs !== undefined)) offering++;
    if (isClosed) closed++;
  }
  return closed >= FEWEST_TOGETHER && closed >= offering * SHARE_TOGETHER ? [] : [...down];
}

/** What of the services outlives the process: those that are known to be meant, and since when (Unix ms) they are down. */
export function savedServices({ book }: Services): SavedService[] {
  return [...book].flatMap(([deviceId, { checks }]) =>
    checks
      .filter((check) => check.downSince !== undefined || isProven(check))
      .map(({ port, name, downSince }) => ({ deviceId, port, name, ...(downSince ? { downSinceAt: Math.round(downSince.wallMs) } : {}) })),
  );
}

export function restoreServices(saved: readonly SavedService[], now: Instant): Services {
  const book = new Map<string, ServiceRecord>();
  for (const { deviceId, port, name, downSinceAt } of saved) {
    const checks = book.get(deviceId)?.checks ?? [];
    const open = { openSinceMs: now.monoMs - PROVEN_MS, lastOpenMs: now.monoMs };
    const down = { downSince: { monoMs: now.monoMs - (now.wallMs - (downSinceAt ?? 0)), wallMs: downSinceAt ?? 0 }, found: 'no answer' };
    const check = { port, name, askedAtMs: 0, misses: 0, ...(downSinceAt === undefined ? open : down) };
    book.set(deviceId, { checks: [...checks, check], nextAtMs: now.monoMs + spread(book.size), graceUntilMs: 0 });
  }
  return { book, down: downAmong(NO_SERVICES.down, book), dueAtMs: 0 };
}

/** For people: what is closed, since when, and what was found there instead. */
export function serviceWords(checks: readonly ServiceCheck[]): { readonly names: string; readonly details: string } {
  const down = checks.filter(({ downSince }) => downSince !== undefined);
  return {
    names: down.map(({ name }) => name).join(', '),
    details: down
      .map(
        ({ port, name, found, downSince }) => `${atPort({ name, port })} (${found ?? 'closed'} since ${clock(downSince?.wallMs ?? 0)} UTC)`,
      )
      .join('; '),
  };
}

/** One check as it stands. */
export function checkWords({ port, name, found, misses, lastOpenMs, downSince }: ServiceCheck): string {
  const closed = `${found ?? 'closed'}${downSince ? ` since ${clock(downSince.wallMs)} UTC` : ''}`;
  const state = downSince !== undefined || misses > 0 ? closed : lastOpenMs === undefined ? 'not asked yet' : 'open';
  return `${atPort({ name, port })}: ${state}`;
}

const atPort = ({ name, port }: Service): string => (name === `port ${port}` ? name : `${name} at port ${port}`);

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
