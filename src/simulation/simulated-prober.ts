/** Probes into a simulated home: each device answers as its profile says, at the speed of its link; silence takes the whole time-out. */

import { ARP_FAILED, type ProbeRequest, type ProbeResult } from '../agent/health/probe.ts';
import type { AnchorResult, InternetProbe, Prober, ProofResult, WayAnswer } from '../agent/ports.ts';
import { sleep } from '../base/clock.ts';
import type { LivingDevice } from './living-device.ts';
import type { LivingHome } from './living-home.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import { between } from './seeded-random.ts';

type Verdict = Pick<ProbeResult, 'outcome' | 'detail' | 'rttMs'>;

/** Any port will do where the question is only whether somebody lives there. */
const DEFAULT_PORT = 80;

export class SimulatedProber implements Prober, InternetProbe {
  readonly #home: LivingHome;
  readonly #neighbours: NeighbourTable;

  constructor(home: LivingHome, neighbours: NeighbourTable) {
    this.#home = home;
    this.#neighbours = neighbours;
  }

  async probe(request: ProbeRequest): Promise<ProbeResult> {
    const startedAt = this.#home.clock.now();
    const verdict = await this.#put(request);
    return { request, startedAt, finishedAt: this.#home.clock.now(), ...verdict };
  }

  async ask(anchor: string, timeoutMs: number): Promise<AnchorResult> {
    const place = URL.parse(anchor);
    if (place === null) return { anchor, outcome: 'unable', detail: 'not an anchor' };
    const isAnswered = place.protocol !== 'dns:' || !this.#home.isOnLan(place.hostname) || this.#home.names;
    const rttMs = isAnswered ? this.#inTime(this.#anchorRoundTripMs(place.hostname), timeoutMs) : undefined;
    await sleep(this.#home.clock, rttMs ?? timeoutMs);
    if (rttMs === undefined) return { anchor, outcome: 'silent', detail: 'no reply' };
    return { anchor, outcome: 'answered', rttMs, detail: place.protocol === 'dns:' ? 'DNS answer' : 'open' };
  }

  async look(_ip: string, timeoutMs: number): Promise<WayAnswer> {
    const isThere = this.#home.isReachable(this.#home.named(this.#home.home.gateway)) && this.#home.isLineUp;
    await sleep(this.#home.clock, isThere ? 10 : timeoutMs);
    return isThere ? { outcome: 'answered', farthest: '203.0.113.1' } : { outcome: 'silent' };
  }

  async prove(place: string, timeoutMs: number): Promise<ProofResult> {
    const rttMs = this.#inTime(this.#anchorRoundTripMs(URL.parse(place)?.hostname ?? ''), timeoutMs);
    await sleep(this.#home.clock, rttMs ?? timeoutMs);
    if (rttMs === undefined) return { place, outcome: 'silent', detail: 'no certificate in time' };
    const { signInPage } = this.#home;
    if (signInPage === undefined) return { place, outcome: 'proven', detail: 'its own certificate' };
    return { place, outcome: 'impostor', instead: signInPage, detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
  }

  async #put(request: ProbeRequest): Promise<Verdict> {
    if (request.interface !== this.#home.home.interface.name) return { outcome: 'unable', detail: 'no such interface' };
    return request.method === 'arp' ? this.#revalidate(request) : this.#knock(request);
  }

  /** The kernel asks up to three times, a second apart: its giving up says more than one lost packet. */
  #revalidate({ ip, timeoutMs }: ProbeRequest): Promise<Verdict> {
    return new Promise((resolve) => {
      const silence = (): Verdict => ({ outcome: 'silent', detail: this.#neighbours.isUnresolved(ip) ? ARP_FAILED : 'no ARP reply' });
      const timer = this.#home.clock.setTimer(timeoutMs, () => resolve(silence()));
      this.#neighbours.revalidate(ip, (outcome) => {
        timer.cancel();
        resolve(outcome === 'proven' ? { outcome: 'answered', detail: 'ARP reply' } : silence());
      });
    });
  }

  async #knock(request: ProbeRequest): Promise<Verdict> {
    const { ip, method, timeoutMs } = request;
    this.#neighbours.sent(ip);
    const roundTripMs = this.#home.roundTripMs(ip);
    const device = roundTripMs === undefined ? undefined : this.#home.at(ip);
    const detail = device && this.#answerOf(device, request);
    const rttMs = detail === undefined ? undefined : this.#inTime(roundTripMs, timeoutMs);
    await sleep(this.#home.clock, rttMs ?? timeoutMs);
    if (device === undefined || detail === undefined || rttMs === undefined) {
      return { outcome: 'silent', detail: this.#neighbours.isUnresolved(ip) ? ARP_FAILED : 'no reply' };
    }
    // A UDP datagram or an echo by ping(8) proves nothing to the kernel's neighbour table; an advancing TCP connection does.
    if (method === 'tcp') this.#neighbours.confirmed(ip, device.facts.mac);
    return { outcome: 'answered', detail, rttMs };
  }

  /** As a busy hub measures it: late, and as silence when its own time-out is read before the answer. */
  #inTime(rttMs: number | undefined, timeoutMs: number): number | undefined {
    if (rttMs === undefined) return undefined;
    const measuredMs = rttMs + this.#home.latenessMs();
    return measuredMs < timeoutMs ? measuredMs : undefined;
  }

  #anchorRoundTripMs(host: string): number | undefined {
    if (this.#home.isOnLan(host)) return this.#home.roundTripMs(host);
    const toGatewayMs = this.#home.roundTripMs(this.#home.named(this.#home.home.gateway).ip);
    if (toGatewayMs === undefined || !this.#home.internet) return undefined;
    return toGatewayMs + between(this.#home.random, this.#home.home.internetRttMs);
  }

  /** What the answer of this device is called in evidence; undefined when it does not answer such a question now. */
  #answerOf(device: LivingDevice, { method, port = DEFAULT_PORT }: ProbeRequest): string | undefined {
    const { ping, openTcpPorts } = device.facts.answers;
    if (method === 'icmp') return ping ? 'echo reply' : undefined;
    if (method === 'udp') return device.refusesUdp(this.#home.clock.now().monoMs) ? 'port unreachable' : undefined;
    if (openTcpPorts.includes(port)) return 'open';
    return device.facts.answers.closedPorts === 'refused' ? 'refused' : undefined;
  }
}
