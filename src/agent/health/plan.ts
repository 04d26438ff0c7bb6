/** What to ask next: a pure plan over the book of records, so that it is tested as a table, without a socket. */
import type { Address, Device } from '../inventory/device.ts';
import type { CheckRecord, HealthBook, HubCondition, Transition } from './health.ts';
import type { ProbeMethod, ProbeRequest } from './probe.ts';

/** Cheapest first: a refused datagram costs no process and no connection. */
export const PREFERENCE: readonly ProbeMethod[] = ['udp', 'tcp', 'icmp', 'arp'];
/**
 * Where the kernel may be told to ask by ARP, that is cheaper than a process for each ping, and loses nothing: a device that answers ARP is
 * not called down, whatever else it leaves unanswered.
 */
const ARP_PREFERENCE: readonly ProbeMethod[] = ['udp', 'tcp', 'arp', 'icmp'];
/** Ways that tell what kind of link a device has. */
const TEACHING: readonly ProbeMethod[] = ['udp', 'tcp', 'icmp'];
/** So many round trips tell what kind of link a device has. ARP tells none, so the other ways come first until then. */
export const LEARNING_ANSWERS = 9;
/** So many questions by one method without any answer before we believe that the device ignores it. */
const IGNORES_AFTER = 3;
/** A method that a device ignored so far is tried again once in so many questions: firmware and firewalls change. */
export const RETRY_IGNORED_EVERY = 240;

/** How the hub may ask: `canRevalidate` is whether its kernel may be told to ask by ARP. */
export type AskingHub = HubCondition & { readonly canRevalidate: boolean };

/** The probes that are due now, one at a time for each device. */
export function planProbes(book: HealthBook, devices: ReadonlyMap<string, Device>, hub: AskingHub, nowMs: number): ProbeRequest[] {
  const requests: ProbeRequest[] = [];
  for (const record of book.values()) {
    if (record.probing || record.nextProbeAtMs > nowMs) continue;
    const device = devices.get(record.deviceId);
    const request = device && requestFor(device, record, hub);
    if (request && hub.links[request.interface] !== false) requests.push(request);
  }
  return requests;
}

/** So many silent answers make it worth looking whether a device has only changed its address; a lost packet or two do not. */
const LOOK_AFTER_MISSES = 3;
const WITNESSES = 3;

/**
 * Whether a device has just been silent for so long that it should be looked for under another address. Once more when it is called down: what its bad link lost of the
 * first look would else be looked for again in an hour (`npm run simulate`, weather `stress`, seed 78).
 */
export function wantsLook(before: HealthBook, after: HealthBook, transitions: readonly Transition[]): boolean {
  return transitions.some(({ to }) => to === 'down') || newlySilent(before, after).some(({ profile }) => profile.silence === 'fault');
}

function newlySilent(before: HealthBook, after: HealthBook): CheckRecord[] {
  const newly: CheckRecord[] = [];
  for (const record of after.values())
    if (record.misses === LOOK_AFTER_MISSES && before.get(record.deviceId)?.misses !== LOOK_AFTER_MISSES) newly.push(record);
  return newly;
}

/** Those who showed life last, on the interface of a device that has just fallen silent while nobody else was heard: asked at once, they tell whether the hub hears. */
export function witnessesFor(before: HealthBook, after: HealthBook): string[] {
  return newlySilent(before, after).flatMap((suspect) => {
    const mayTell = (other: CheckRecord): boolean =>
      other.deviceId !== suspect.deviceId && other.interface === suspect.interface && other.life !== undefined && !other.probing;
    const newestFirst = [...after.values()].filter(mayTell).sort((a, b) => (b.life?.at.monoMs ?? 0) - (a.life?.at.monoMs ?? 0));
    const isHeard = (newestFirst[0]?.life?.at.monoMs ?? 0) >= (suspect.silentSinceMs ?? 0);
    return isHeard ? [] : newestFirst.slice(0, WITNESSES).map((other) => other.deviceId);
  });
}

/** The same book with these probes marked as under way. */
export function withProbing(book: HealthBook, requests: readonly ProbeRequest[]): HealthBook {
  if (requests.length === 0) return book;
  const next = new Map(book);
  for (const { deviceId } of requests) next.set(deviceId, { ...next.get(deviceId)!, probing: true });
  return next;
}

/** The interface on which a device was last found. */
export function interfaceOf(device: Device): string | undefined {
  return addressOf(device)?.interface;
}

function requestFor(device: Device, record: CheckRecord, hub: AskingHub): ProbeRequest | undefined {
  const address = addressOf(device);
  if (!address) return undefined;
  const method = chooseMethod(record, hub.canRevalidate);
  return {
    deviceId: device.id,
    ip: address.ip,
    interface: address.interface,
    method,
    timeoutMs: record.profile.timeoutMs,
    ...(method === 'tcp' ? { port: tcpPort(device, record) } : {}),
  };
}

/**
 * In quiet times the cheapest way that works; while in doubt the ways that work take turns, with ICMP as the independent last witness
 * before `down`; a device not yet known is asked in every way.
 */
export function chooseMethod(record: CheckRecord, canRevalidate: boolean): ProbeMethod {
  if (inDoubt(record)) return witness(record);
  const untried = PREFERENCE.find((method) => (record.methods[method]?.asked ?? 0) === 0);
  if (untried) return untried;
  const learning = stillLearning(record);
  if (learning) return learning;
  if (totalAsked(record) % RETRY_IGNORED_EVERY === RETRY_IGNORED_EVERY - 1) return leastAsked(record);
  const cheapestFirst = canRevalidate && record.rtts.length >= LEARNING_ANSWERS ? ARP_PREFERENCE : PREFERENCE;
  return cheapestFirst.find((method) => (record.methods[method]?.answered ?? 0) > 0) ?? 'arp';
}

/** Also after a silence that does not count: a way that is only being tried must not hide that the device has just died. */
function inDoubt(record: CheckRecord): boolean {
  return record.silentSinceMs !== undefined || record.state === 'down' || record.state === 'unreachable';
}

function witness(record: CheckRecord): ProbeMethod {
  if (record.misses === record.profile.confirmations - 1 && !ignores(record, 'icmp')) return 'icmp';
  const working = PREFERENCE.filter((method) => (record.methods[method]?.answered ?? 0) > 0);
  const untaught = PREFERENCE.filter((method) => !ignores(record, method));
  // What was dead since the hub started ignores every way; when it comes back it may answer any.
  const order = [working, untaught, PREFERENCE].find((ways) => ways.length > 0) as readonly ProbeMethod[];
  return order[totalAsked(record) % order.length]!;
}

/** True once the device has had its chances to answer this way and never did. */
export function ignores(record: Pick<CheckRecord, 'methods'>, method: ProbeMethod): boolean {
  const tried = record.methods[method];
  return tried !== undefined && tried.answered === 0 && tried.asked >= IGNORES_AFTER;
}

/** A way that the device may still come to answer, while none but ARP has worked. */
function stillLearning(record: CheckRecord): ProbeMethod | undefined {
  if (TEACHING.some((method) => (record.methods[method]?.answered ?? 0) > 0)) return undefined;
  return TEACHING.find((method) => (record.methods[method]?.asked ?? 0) < IGNORES_AFTER);
}

export function leastAsked(record: Pick<CheckRecord, 'methods'>): ProbeMethod {
  return [...PREFERENCE].sort((a, b) => (record.methods[a]?.asked ?? 0) - (record.methods[b]?.asked ?? 0))[0]!;
}

/** Questions by all ways together. */
export function totalAsked(record: Pick<CheckRecord, 'methods'>): number {
  const { udp, tcp, icmp, arp } = record.methods;
  return (udp?.asked ?? 0) + (tcp?.asked ?? 0) + (icmp?.asked ?? 0) + (arp?.asked ?? 0);
}

/** A port that the device itself announced; else the web ports in turn: refused is as good as open. */
function tcpPort(device: Device, record: CheckRecord): number {
  const ports = device.ports.length > 0 ? device.ports : [80, 443];
  return ports[(record.methods.tcp?.asked ?? 0) % ports.length]!;
}

/** The newest IPv4 address, or the newest IPv6 one of a device that has no other. */
export function addressOf({ addresses }: Device): Address | undefined {
  let best: Address | undefined;
  for (const address of addresses) if (!best || isBetter(address, best)) best = address;
  return best;
}

function isBetter(address: Address, than: Address): boolean {
  const isIpv4 = !address.ip.includes(':');
  return isIpv4 === !than.ip.includes(':') ? address.lastAt > than.lastAt : isIpv4;
}
