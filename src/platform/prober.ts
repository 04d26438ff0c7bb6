/**
 * Asks one address one question by UDP, TCP, ICMP or ARP, and says what came back as a value. A failure of the hub itself is `unable`,
 * never silence of the device. UDP and TCP start no process and need no privilege.
 */
import { connect } from 'node:net';
import type { ProbeRequest } from '../agent/health/probe.ts';
import type { Neighbour, Prober } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';
import { ipFamily, isLinkLocal } from '../base/ip-address.ts';
import { createArpProbe } from './arp-probe.ts';
import { createIcmpProbe } from './icmp-probe.ts';
import type { LinuxNetwork } from './network.ts';
import type { Probe, Verdict } from './probe-method.ts';
import { CLOSED_PORT, openDatagramSocket } from './provoking-datagrams.ts';

type Tools = { readonly clock: Clock; readonly network: LinuxNetwork };

export function createProber(tools: Tools): Prober {
  const icmp = createIcmpProbe(tools);
  const methods: Record<ProbeRequest['method'], Probe> = {
    udp: (request) => probeUdp(request, tools),
    tcp: (request) => probeTcp(request, tools),
    icmp: async (request) => {
      const verdict = await icmp(request);
      return verdict.detail === 'no reply' ? explainSilence(request, tools.network) : verdict;
    },
    arp: createArpProbe(tools),
  };
  const turn = createTurns();
  return {
    async probe(request) {
      await turn();
      const startedAt = tools.clock.now();
      const known = ipFamily(request.ip) === undefined ? { outcome: 'unable' as const, detail: 'not an address' } : undefined;
      const verdict = known ?? (await methods[request.method](request));
      return { request, startedAt, finishedAt: tools.clock.now(), ...verdict };
    },
  };
}

/**
 * One question in each turn of the event loop: the answers to those before it are read in between. Sixty devices asked in one go are two
 * milliseconds of sending, in which the answer of a wire becomes as late as that of Wi-Fi.
 */
function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return last;
  };
}

/** A connected socket hears the ICMP port unreachable that its datagram caused (RFC 1122, 4.1.3.3). */
function probeUdp(request: ProbeRequest, tools: Tools): Promise<Verdict> {
  const socket = openDatagramSocket(ipFamily(request.ip) === 6 ? 'udp6' : 'udp4');
  const question = ask(request, tools, 'port unreachable');
  socket.on('error', question.failed);
  socket.on('message', () => question.answered('reply'));
  socket.connect(CLOSED_PORT, scoped(request), (error?: Error | null) => {
    if (error) return question.failed(error);
    question.sent();
    socket.send(new Uint8Array(0), (failure) => failure && question.failed(failure));
  });
  return question.verdict.finally(() => socket.close());
}

function probeTcp(request: ProbeRequest, tools: Tools): Promise<Verdict> {
  const question = ask(request, tools, 'refused');
  const socket = connect({ host: scoped(request), port: request.port ?? 80 });
  question.sent();
  socket.on('connect', () => question.answered('open'));
  socket.on('error', question.failed);
  return question.verdict.finally(() => socket.destroy());
}

/** A link-local IPv6 address means nothing without its interface. */
const scoped = ({ ip, interface: name }: ProbeRequest): string => (ipFamily(ip) === 6 && isLinkLocal(ip) ? `${ip}%${name}` : ip);

type Question = { readonly verdict: Promise<Verdict>; sent(): void; answered(detail: string): void; failed(error: Error): void };

/** The course of one question: settles once, at the first sign of life, at an error, or when the time is up. */
function ask(request: ProbeRequest, { clock, network }: Tools, refusal: string): Question {
  let sentAtMs = clock.now().monoMs;
  let settle: (verdict: Verdict) => void;
  const verdict = new Promise<Verdict>((resolve) => {
    settle = resolve;
  });
  const timer = clock.setTimer(request.timeoutMs, () => void explainSilence(request, network).then(settle));
  const answered = (detail: string): void => settle({ outcome: 'answered', detail, rttMs: clock.now().monoMs - sentAtMs });
  return {
    verdict: verdict.finally(() => timer.cancel()),
    sent: () => {
      sentAtMs = clock.now().monoMs;
    },
    answered,
    failed(error) {
      const code = (error as NodeJS.ErrnoException).code ?? error.message;
      if (code === 'ECONNREFUSED') answered(refusal);
      else if (code === 'ECONNRESET') answered('reset');
      else if (code === 'ETIMEDOUT') settle({ outcome: 'silent', detail: 'no reply' });
      else if (code === 'EHOSTUNREACH')
        void explainUnreachable(request, network).then((why) => (why === 'prohibited' ? answered(why) : settle(why)));
      else settle({ outcome: 'unable', detail: code });
    },
  };
}

/** A UDP socket is not told that ARP failed (the kernel counts it as a soft error), and ping(8) only if it still runs then, so the neighbour table is asked. */
async function explainSilence(request: ProbeRequest, network: LinuxNetwork): Promise<Verdict> {
  const state = await neighbourState(request, network);
  return { outcome: 'silent', detail: UNRESOLVED.has(state) ? 'ARP failed' : 'no reply' };
}

/**
 * EHOSTUNREACH has three makers: the hub's ARP that nobody answered, a device whose firewall answers "prohibited" (ICMP 3/10 and 3/13), and
 * a hub without a route. The neighbour table knows which.
 */
async function explainUnreachable(request: ProbeRequest, network: LinuxNetwork): Promise<Verdict | 'prohibited'> {
  const state = await neighbourState(request, network);
  if (state === undefined) return { outcome: 'unable', detail: 'EHOSTUNREACH' };
  return UNRESOLVED.has(state) ? { outcome: 'silent', detail: 'ARP failed' } : 'prohibited';
}

const UNRESOLVED = new Set<Neighbour['state'] | undefined>(['FAILED', 'INCOMPLETE']);

async function neighbourState(request: ProbeRequest, network: LinuxNetwork): Promise<Neighbour['state'] | undefined> {
  return (await network.neighbours()).find(({ ip, interface: name }) => ip === request.ip && name === request.interface)?.state;
}
