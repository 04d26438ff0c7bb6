/** Probes into a simulated home: each device answers as its profile says, at the speed of its link; silence takes the whole time-out. */

import type { ProbeRequest, ProbeResult } from '../agent/health/probe.ts';
import type { AnchorResult, InternetProbe, Prober } from '../agent/ports.ts';
import { sleep } from '../base/clock.ts';
import type { Answers } from './home.ts';
import type { LivingHome } from './living-home.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import { between } from './seeded-random.ts';

type Outcome = Pick<ProbeResult, 'outcome' | 'detail' | 'rttMs'> & { readonly afterMs: number };

export class SimulatedProber implements Prober, InternetProbe {
  readonly #home: LivingHome;
  readonly #neighbours: NeighbourTable;

  constructor(home: LivingHome, neighbours: NeighbourTable) {
    this.#home = home;
    this.#neighbours = neighbours;
  }

  async probe(request: ProbeRequest): Promise<ProbeResult> {
    const startedAt = this.#home.clock.now();
    const { afterMs, ...outcome } = this.#send(request);
    await sleep(this.#home.clock, afterMs);
    return { request, startedAt, finishedAt: this.#home.clock.now(), ...outcome };
  }

  async ask(anchor: string, timeoutMs: number): Promise<AnchorResult> {
    const place = URL.parse(anchor);
    if (place === null) return { anchor, outcome: 'unable', detail: 'not an anchor' };
    const rttMs = this.#inTime(this.#anchorRoundTripMs(place.hostname), timeoutMs);
    await sleep(this.#home.clock, rttMs ?? timeoutMs);
    if (rttMs === undefined) return { anchor, outcome: 'silent', detail: 'no reply' };
    return { anchor, outcome: 'answered', rttMs, detail: place.protocol === 'dns:' ? 'DNS answer' : 'open' };
  }

  #send(request: ProbeRequest): Outcome {
    const { method, ip, port, timeoutMs } = request;
    if (request.interface !== this.#home.home.interface.name) return { outcome: 'unable', detail: 'no such interface', afterMs: 0 };
    if (method === 'tcp' && port === undefined) return { outcome: 'unable', detail: 'no port to ask', afterMs: 0 };
    this.#neighbours.sent(ip);
    const device = this.#home.at(ip);
    const detail = device && answerOf(device.facts.answers, request);
    const rttMs = detail === undefined ? undefined : this.#inTime(this.#home.roundTripMs(ip), timeoutMs);
    if (device === undefined || detail === undefined || rttMs === undefined) {
      return { outcome: 'silent', detail: method === 'arp' ? 'ARP failed' : 'no reply', afterMs: timeoutMs };
    }
    // A UDP datagram or an echo by ping(8) proves nothing to the kernel's neighbour table; ARP and an advancing TCP connection do.
    if (method === 'arp' || method === 'tcp') this.#neighbours.confirmed(ip, device.facts.mac);
    return { outcome: 'answered', detail, rttMs, afterMs: rttMs };
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
}

/** What an answer of this device is called in evidence; undefined when it never answers such a question. */
function answerOf(answers: Answers, request: ProbeRequest): string | undefined {
  const refuses = answers.closedPorts === 'refused';
  switch (request.method) {
    case 'arp':
      return 'ARP reply';
    case 'icmp':
      return answers.ping ? 'echo reply' : undefined;
    case 'udp':
      return refuses ? 'port unreachable' : undefined;
    case 'tcp':
      if (request.port !== undefined && answers.openTcpPorts.includes(request.port)) return 'open';
      return refuses ? 'refused' : undefined;
  }
}
