/** The house as packets of the hub meet it: who is where, whether a round trip gets there and back now, and until when that is certain. */
import type { MdnsSighting, NeighbourSighting } from '../../src/agent/discovery/sighting.ts';
import { ARP_FAILED, type ProbeRequest, type ProbeResult } from '../../src/agent/health/probe.ts';
import type { AnchorResult } from '../../src/agent/ports.ts';
import type { Instant } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { exponential, fork, seededRandom } from '../../src/simulation/seeded-random.ts';
import { LAN, type Resident } from './household.ts';
import type { Life, Move } from './life.ts';
import { Link } from './link.ts';
import type { Offer } from './offers.ts';
import { SpellWalk, spellAt } from './spells.ts';

/** Midnight of Monday, 5 January 2026. */
export const FIRST_DAY_MS = Date.UTC(2026, 0, 5);
/** Kernels keep a neighbour for 15 to 45 s after its last proof and ask 5 + 3 s before they give it up. */
const KERNEL_GIVES_UP_MS = 53_000;
const ARP_GIVES_UP_MS = 3_000;
const CONNECTS_IN_MS = 5;
const INTERNET_LOSS = { fraction: 0.001, everyMs: Number.POSITIVE_INFINITY, lastMs: 1, badFraction: 0 };

export const instant = (monoMs: number): Instant => ({ monoMs, wallMs: Math.round(FIRST_DAY_MS + monoMs) });

export type Dweller = {
  readonly resident: Resident;
  /** Where it is now, and since when. */
  ip: string;
  movedMs: number;
  readonly link: Link;
  readonly silence: SpellWalk;
  readonly offers: readonly { readonly offer: Offer; readonly closed: SpellWalk }[];
  /** When the last that the hub has read of it was sent, whatever the hub made of it. */
  heardMs: number;
};

/** Something says a word unasked: it started, or it does so now and then. */
export type Speech = { readonly atMs: number; readonly dweller: Dweller };

export class World {
  readonly life: Life;
  readonly dwellers: readonly Dweller[];
  readonly speeches: readonly Speech[];
  readonly router: Dweller;
  /** What the hub is plugged into. */
  readonly hubPort: Dweller;
  readonly internetLink: Link;
  readonly internetOff: SpellWalk;
  /** Questions to the internet that were lost since the last answer. */
  lostInARow = 0;
  readonly #byIp: Map<string, Dweller>;
  readonly #byMac: ReadonlyMap<string, Dweller>;
  #nextMove = 0;

  /** The same seed gives the same links whoever looks at the house. */
  constructor(life: Life, seed: string) {
    this.life = life;
    const random = seededRandom(`${seed}/links`);
    const ofGuests = seededRandom(`${seed}/links of guests`);
    this.dwellers = life.household.residents.map((resident) => ({
      resident,
      ip: resident.ip,
      movedMs: Number.NEGATIVE_INFINITY,
      link: new Link(
        resident,
        life.guests.has(resident.name) ? ofGuests : random,
        resident.link === 'wifi' ? life.noise.get(resident.behind ?? '') : [],
      ),
      silence: new SpellWalk(life.silent.get(resident.name) ?? []),
      offers: (life.offers.get(resident.name) ?? []).map((offer) => ({ offer, closed: new SpellWalk(offer.closed) })),
      heardMs: Number.NEGATIVE_INFINITY,
    }));
    this.internetLink = new Link({ loss: INTERNET_LOSS, link: 'wifi' }, random, life.lineHiccups);
    this.internetOff = new SpellWalk(life.internetOff);
    this.#byIp = new Map(this.dwellers.map((dweller) => [dweller.ip, dweller]));
    this.#byMac = new Map(this.dwellers.map((dweller) => [dweller.resident.mac, dweller]));
    this.router = this.#named(life.household.gateway);
    this.hubPort = this.#named(life.household.hubBehind);
    this.speeches = speechesOf(this.dwellers, life, fork(random));
  }

  #named(name: string): Dweller {
    return this.dwellers.find(({ resident }) => resident.name === name) as Dweller;
  }

  /** By one of its MACs. */
  withMac(mac: string): Dweller | undefined {
    return this.#byMac.get(mac);
  }

  /** When the next address changes. */
  get movesAtMs(): number {
    return this.life.moves[this.#nextMove]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Moves those whose address changes by then, and answers them. */
  moveUpTo(nowMs: number): Dweller[] {
    const moved: Dweller[] = [];
    for (; this.movesAtMs <= nowMs; this.#nextMove++) {
      const { device, ip } = this.life.moves[this.#nextMove] as Move;
      const dweller = this.#named(device);
      if (this.#byIp.get(dweller.ip) === dweller) this.#byIp.delete(dweller.ip);
      Object.assign(dweller, { ip, movedMs: nowMs });
      this.#byIp.set(ip, dweller);
      moved.push(dweller);
    }
    return moved;
  }

  /** Who answers at the address at which this one is asked. */
  answererOf(dweller: Dweller, ip: string): Dweller | undefined {
    return ip === dweller.ip ? dweller : this.#byIp.get(ip);
  }

  isReachable(dweller: Dweller, nowMs: number): boolean {
    return dweller.silence.at(nowMs) === undefined;
  }

  /** Whether the hub's own port has carrier: its cable, and power in the switch it is plugged into. */
  hasLink(nowMs: number): boolean {
    return this.isReachable(this.hubPort, nowMs);
  }

  /** One question and what comes of it. `lagMs`: how late the hub reads answers. */
  probe(dweller: Dweller, request: ProbeRequest, startedAt: Instant, lagMs: number): ProbeResult {
    const { method, timeoutMs } = request;
    const nowMs = startedAt.monoMs;
    const answerer = this.answererOf(dweller, request.ip);
    const pathMs = answerer && this.isReachable(answerer, nowMs) ? answerer.link.roundTripMs(nowMs) : undefined;
    const rttMs = pathMs === undefined || !answerer?.resident.answers.has(method) ? undefined : pathMs + lagMs;
    const isInTime = rttMs !== undefined && rttMs < timeoutMs;
    const finishedAt = instant(nowMs + (isInTime ? rttMs : timeoutMs));
    if (!answerer || !isInTime)
      return { request, startedAt, finishedAt, outcome: 'silent', detail: this.#silence(answerer, dweller, method, nowMs) };
    // What another one answers in its place tells the agent nothing of either.
    if (answerer === dweller) dweller.heardMs = finishedAt.monoMs;
    const told = method === 'arp' ? {} : { rttMs };
    return { request, startedAt, finishedAt, outcome: 'answered', detail: ANSWERS[method], ...told };
  }

  /** A connection: TCP repeats what is lost, so only a bad link loses it, every other time. */
  connect(dweller: Dweller, request: ProbeRequest, startedAt: Instant): ProbeResult {
    const { port = 0, ip, timeoutMs } = request;
    const nowMs = startedAt.monoMs;
    const answerer = this.answererOf(dweller, ip);
    const isThrough = answerer && this.isReachable(answerer, nowMs) && (answerer.link.goodUntilMs(nowMs) > nowMs || nowMs % 2_000 < 1_000);
    const isOpen = isThrough && this.isOpen(answerer, port, nowMs);
    const isSaid = isOpen || (isThrough && answerer.offers.every(({ offer }) => offer.refuses));
    const finishedAt = instant(nowMs + (isSaid ? CONNECTS_IN_MS : timeoutMs));
    if (!isSaid) return { request, startedAt, finishedAt, outcome: 'silent', detail: 'no reply' };
    return { request, startedAt, finishedAt, outcome: 'answered', detail: isOpen ? 'open' : 'refused' };
  }

  isOpen({ offers }: Dweller, port: number, nowMs: number): boolean {
    return offers.some(({ offer, closed }) => offer.port === port && closed.at(nowMs) === undefined);
  }

  offersChangeAtMs({ offers }: Dweller, nowMs: number): number {
    return Math.min(...offers.map(({ closed }) => closed.changesAtMs(nowMs)));
  }

  /** What it tells of what it offers, as DNS-SD. */
  announcement({ ip, offers, resident: { name } }: Dweller, nowMs: number): MdnsSighting {
    const services = offers.map(({ offer: { type, port } }) => ({ instance: name, type, port, txt: {}, gone: false }));
    return { method: 'mdns', at: instant(nowMs), interface: LAN.name, ip, services };
  }

  ask(anchor: string, nowMs: number, timeoutMs: number, lagMs: number): AnchorResult & { readonly tookMs: number } {
    const rttMs = this.#roundTripToInternet(nowMs);
    this.lostInARow = rttMs === undefined ? this.lostInARow + 1 : 0;
    if (rttMs === undefined || rttMs + lagMs >= timeoutMs) return { anchor, outcome: 'silent', detail: 'no reply', tookMs: timeoutMs };
    return { anchor, outcome: 'answered', rttMs: rttMs + lagMs, detail: 'open', tookMs: rttMs + lagMs };
  }

  /** What the kernel's table shows of it right after it sent something. */
  sighting({ ip, resident: { mac } }: Dweller, nowMs: number): NeighbourSighting {
    return {
      method: 'neighbour',
      at: instant(nowMs),
      interface: LAN.name,
      ip,
      mac,
      confirmedAgoMs: 0,
      isRouter: ip === this.router.ip,
    };
  }

  #roundTripToInternet(nowMs: number): number | undefined {
    if (!this.isReachable(this.router, nowMs) || this.internetOff.at(nowMs)) return undefined;
    return this.internetLink.roundTripMs(nowMs);
  }

  #silence(answerer: Dweller | undefined, { movedMs }: Dweller, method: string, nowMs: number): string {
    const silentForMs = nowMs - (answerer === undefined ? movedMs : (answerer.silence.at(nowMs)?.fromMs ?? nowMs));
    if (silentForMs >= (method === 'arp' ? ARP_GIVES_UP_MS : KERNEL_GIVES_UP_MS)) return ARP_FAILED;
    return method === 'arp' ? 'no ARP reply' : 'no reply';
  }
}

const ANSWERS = { udp: 'port unreachable', tcp: 'open', icmp: 'echo reply', arp: 'ARP reply' } as const;

/** Everything says a word when it starts, and some of them every half hour or so. */
function speechesOf(dwellers: readonly Dweller[], life: Life, random: Random): Speech[] {
  const speeches = dwellers.flatMap((dweller): Speech[] => {
    const { name, speaksEveryMs } = dweller.resident;
    const starts = (life.off.get(name) ?? []).map(({ toMs }) => toMs + 1_000);
    for (let at = speaksEveryMs ?? Number.POSITIVE_INFINITY; at < life.untilMs; at += exponential(random, speaksEveryMs as number))
      starts.push(at);
    return [...starts, ...wordsOfMoves(life, name)].map((atMs) => ({ atMs, dweller }));
  });
  return speeches.sort((a, b) => a.atMs - b.atMs);
}

/** A responder announces itself twice, a second apart (RFC 6762, 8.3); what was off does so when it starts. */
function wordsOfMoves({ moves, off }: Life, name: string): number[] {
  return moves.flatMap(({ atMs, device, tells }) => {
    if (device !== name || !tells) return [];
    const fromMs = spellAt(off.get(name) ?? [], atMs)?.toMs ?? atMs;
    return [fromMs + 2_000, fromMs + 3_000];
  });
}
