/** The home of a past month as the pipeline meets it: who is there yet, what each question is answered, what is heard, and what befalls the hub. */
import type { AlertOrder } from '../agent/alerts/alert-order.ts';
import type { LanInterface, NeighbourSighting } from '../agent/discovery/sighting.ts';
import type { HubCondition } from '../agent/health/health.ts';
import { ANCHOR_TIMEOUT_MS } from '../agent/health/internet.ts';
import { addressOf } from '../agent/health/plan.ts';
import { ARP_FAILED, type ProbeRequest, type ProbeResult } from '../agent/health/probe.ts';
import type { Device } from '../agent/inventory/device.ts';
import { namesSubject, SIGN_IN_SUBJECT, serviceSubject } from '../agent/journal/journal.ts';
import type { AnchorResult } from '../agent/ports.ts';
import type { Course } from './course.ts';
import { instantOf, type Past, type Span } from './past.ts';
import { onGrid } from './still.ts';

/** What comes of a question, and when it is known. */
export type Reply<R> = { readonly readyMs: number; readonly result: R };

type Coming<T> = { readonly atMs: number } & T;

/** How late an idle agent is. */
const IDLE_LAG_MS = 2;
const UNTIMED_MS = 1;
const NOBODY = { mac: '00:00:00:00:00:00', address: '0.0.0.0', prefixLength: 32, ipv6: [] };

/** Its methods that take something that comes up take it once: time only goes forward. */
export class House {
  readonly anchors: readonly string[];
  readonly interfaces: readonly LanInterface[];
  readonly hasServices: boolean;
  readonly gatewayId: string | undefined;
  readonly #past: Past;
  /** What is still to come, newest last. */
  readonly #births: Coming<{ readonly device: Device }>[];
  readonly #speeches: Coming<{ readonly device: Device }>[];
  readonly #orders: Past['orders'][number][];
  readonly #links: Past['links'][number][];
  #linksDown: ReadonlySet<string> = new Set();

  constructor(past: Past, devices: readonly Device[]) {
    this.#past = past;
    const subjects = [...past.courses.keys()];
    this.anchors = subjects.filter((subject) => /^(tcp|dns):/.test(subject));
    this.hasServices = subjects.some((subject) => /^[^:/]+:\d+$/.test(subject));
    this.#births = latestFirst(devices.map((device) => ({ atMs: this.#birthMs(device), device })));
    this.#speeches = latestFirst(
      devices.flatMap((device) => (past.courses.get(device.id)?.spokenAtMs() ?? []).map((atMs) => ({ atMs, device }))),
    );
    this.#orders = latestFirst(past.orders);
    this.#links = latestFirst(past.links);
    const gateway = devices.find(({ isGateway }) => isGateway);
    this.gatewayId = gateway?.id;
    const address = gateway && addressOf(gateway)?.ip;
    const dnsServers = subjects.flatMap((subject) => /^names dns:\/\/\[?([^\]]+)\]?$/.exec(subject)?.[1] ?? []);
    const names = new Set(devices.flatMap((device) => addressOf(device)?.interface ?? []));
    this.interfaces = [...names].map((name) => ({ name, ...NOBODY, ...(address === undefined ? {} : { gateway: address }), dnsServers }));
  }

  readonly courseOf = (subject: string): Course | undefined => this.#past.courses.get(subject);
  readonly namesCourseOf = (server: string): Course | undefined => this.#past.courses.get(namesSubject(server));

  isLinked(interfaceName: string): boolean {
    return !this.#linksDown.has(interfaceName);
  }

  get isWhollyLinked(): boolean {
    return this.#linksDown.size === 0;
  }

  /** When the hub is back, where it was away or stood still at `nowMs`. */
  backAtMs(nowMs: number): { readonly toMs: number; readonly isNew: boolean } | undefined {
    const gap = spanAt(this.#past.gaps, nowMs);
    if (gap) this.#linksDown = new Set();
    const away = gap ?? spanAt(this.#past.stops, nowMs);
    return away && { toMs: onGrid(away.toMs), isNew: gap !== undefined };
  }

  born(nowMs: number): Device[] {
    return due(this.#births, nowMs).map(({ device }) => device);
  }

  heard(nowMs: number): NeighbourSighting[] {
    return due(this.#speeches, nowMs).flatMap(({ atMs, device }): NeighbourSighting[] => {
      const address = addressOf(device);
      if (!address || spanAt(this.#past.gaps, atMs)) return [];
      const { ip, mac, interface: name } = address;
      const at = instantOf(this.#past, atMs);
      return [{ method: 'neighbour', at, interface: name, ip, mac, confirmedAgoMs: 0, isRouter: device.isGateway }];
    });
  }

  /** One at a time, as people give them. */
  ordered(nowMs: number): AlertOrder | undefined {
    return (this.#orders.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs ? this.#orders.pop()?.order : undefined;
  }

  hubAt(nowMs: number): HubCondition {
    for (const { name, isUp } of due(this.#links, nowMs)) {
      const others = [...this.#linksDown].filter((each) => each !== name);
      this.#linksDown = new Set(isUp ? others : [...others, name]);
    }
    const stop = this.#past.stops.find(({ toMs }) => onGrid(toMs) === nowMs);
    const stoodStillMs = stop ? stop.toMs - stop.fromMs : 0;
    return {
      links: Object.fromEntries(this.interfaces.map(({ name }) => [name, this.isLinked(name)])),
      eventLoopLagMs: spanAt(this.#past.late, nowMs)?.lagMs ?? (stoodStillMs || IDLE_LAG_MS),
      stoodStillMs,
    };
  }

  /** Whether something answered in the place of the internet. */
  isCaptive(nowMs: number): boolean {
    const course = this.#past.courses.get(SIGN_IN_SUBJECT);
    return course !== undefined && nowMs >= course.beginsAtMs && course.conditionAt(nowMs) === 'silent';
  }

  isLate(nowMs: number): boolean {
    return spanAt(this.#past.late, nowMs) !== undefined;
  }

  /** When something happens next by itself. */
  changesAtMs(nowMs: number): number {
    const lists = [this.#births, this.#speeches, this.#orders, this.#links];
    const { gaps, stops, late, courses } = this.#past;
    const signIn = courses.get(SIGN_IN_SUBJECT);
    return Math.min(
      signIn && signIn.beginsAtMs > nowMs ? signIn.beginsAtMs : (signIn?.changesAtMs(nowMs) ?? Number.POSITIVE_INFINITY),
      ...lists.map((list) => list.at(-1)?.atMs ?? Number.POSITIVE_INFINITY),
      ...[gaps, stops, late].map((spans) => changeAfter(spans, nowMs)),
    );
  }

  /** What never answered in the journal does not answer. */
  askDevice(request: ProbeRequest, nowMs: number): Reply<ProbeResult> {
    const course = this.#past.courses.get(request.deviceId);
    const condition = course?.conditionAt(nowMs) ?? 'silent';
    if (condition === 'unknown') return this.#unable(request, nowMs);
    if (condition === 'alive' && course?.answersBy(request.method)) {
      const rttMs = course.rttMsAt(nowMs) ?? UNTIMED_MS;
      const told = request.method === 'arp' ? {} : { rttMs };
      return this.#reply(request, nowMs, rttMs, { outcome: 'answered', detail: 'answered', ...told });
    }
    const detail = course?.at(nowMs)?.outcome === 'refused' ? ARP_FAILED : 'no reply';
    return this.#reply(request, nowMs, request.timeoutMs, { outcome: 'silent', detail });
  }

  askService(request: ProbeRequest, nowMs: number): Reply<ProbeResult> {
    const step = this.#past.courses.get(serviceSubject(request.deviceId, request.port))?.at(nowMs);
    if (step?.outcome === 'answered') return this.#reply(request, nowMs, UNTIMED_MS, { outcome: 'answered', detail: 'open' });
    if (step?.outcome === 'refused') return this.#reply(request, nowMs, UNTIMED_MS, { outcome: 'answered', detail: 'refused' });
    if (step?.outcome === 'silent') return this.#reply(request, nowMs, request.timeoutMs, { outcome: 'silent', detail: 'no reply' });
    return this.#unable(request, nowMs);
  }

  /** `course`: of a place on the internet, or of a name server. */
  askLine(anchor: string, course: Course | undefined, nowMs: number): Reply<AnchorResult> {
    switch (course?.at(nowMs)?.outcome) {
      case 'answered':
        return { readyMs: nowMs + UNTIMED_MS, result: { anchor, outcome: 'answered', detail: 'answered' } };
      case 'refused':
        return { readyMs: nowMs + UNTIMED_MS, result: { anchor, outcome: 'no-route', detail: 'no route' } };
      case 'silent':
        return { readyMs: nowMs + ANCHOR_TIMEOUT_MS, result: { anchor, outcome: 'silent', detail: 'no reply' } };
      default:
        return { readyMs: nowMs, result: { anchor, outcome: 'unable', detail: 'not in the journal' } };
    }
  }

  #reply(
    request: ProbeRequest,
    nowMs: number,
    tookMs: number,
    what: Pick<ProbeResult, 'outcome' | 'detail' | 'rttMs'>,
  ): Reply<ProbeResult> {
    const [startedAt, finishedAt] = [instantOf(this.#past, nowMs), instantOf(this.#past, nowMs + tookMs)];
    return { readyMs: finishedAt.monoMs, result: { request, startedAt, finishedAt, ...what } };
  }

  #unable(request: ProbeRequest, nowMs: number): Reply<ProbeResult> {
    return this.#reply(request, nowMs, 0, { outcome: 'unable', detail: 'not in the journal' });
  }

  /** When it was found; at once where that was before. */
  #birthMs({ id, firstSeenAt }: Device): number {
    const firstMs = firstSeenAt - instantOf(this.#past, 0).wallMs;
    return firstMs <= 0 ? 0 : Math.min(firstMs, this.#past.courses.get(id)?.beginsAtMs ?? firstMs);
  }
}

const latestFirst = <T extends { readonly atMs: number }>(list: readonly T[]): T[] => [...list].sort((a, b) => b.atMs - a.atMs);

/** Takes what has come, in its order. */
function due<T extends { readonly atMs: number }>(coming: T[], nowMs: number): T[] {
  if ((coming.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) > nowMs) return [];
  const first = coming.findLastIndex(({ atMs }) => atMs > nowMs) + 1;
  return coming.splice(first).reverse();
}

function spanAt<T extends Span>(spans: readonly T[], nowMs: number): T | undefined {
  return spans.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
}

function changeAfter(spans: readonly Span[], nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const { fromMs, toMs } of spans) {
    if (fromMs > nowMs) nextMs = Math.min(nextMs, fromMs);
    else if (toMs > nowMs) nextMs = Math.min(nextMs, toMs);
  }
  return nextMs;
}
