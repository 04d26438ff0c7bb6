/**
 * Asks whether a neighbour still answers ARP: as root by making the kernel revalidate its entry, otherwise by sending a datagram and looking
 * whether the kernel got new proof. All questions of one moment share one round of reading and asking, whatever their number.
 */
import type { Socket } from 'node:dgram';
import { evidenceSince, isResolved, type Reading } from '../agent/discovery/neighbour-evidence.ts';
import type { ProbeRequest } from '../agent/health/probe.ts';
import type { Neighbour } from '../agent/ports.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { ipFamily } from '../base/ip-address.ts';
import type { LinuxNetwork } from './network.ts';
import type { Probe, Verdict } from './probe-method.ts';
import { openDatagramSocket, provoke } from './provoking-datagrams.ts';

/**
 * Questions gather for this long, and the table is read this often while any is open: as often as the agent ticks, because in a large home
 * some question always is.
 */
const ROUND_MS = 250;

type Question = {
  readonly request: ProbeRequest;
  readonly endsAtMs: number;
  settle(verdict: Verdict): void;
  /** What the table said before the question was put; undefined until then. */
  before?: Reading;
  /** Whether the kernel was made to ask, so that its silence means something. */
  asked?: boolean;
};

export function createArpProbe({ clock, network }: { clock: Clock; network: LinuxNetwork }): Probe {
  const open = new Set<Question>();
  let socket: Socket | undefined;
  let running = false;

  const round = async (): Promise<void> => {
    const fresh = [...open].filter((question) => question.before === undefined);
    const reading = await takeReading(clock, network);
    for (const question of open) {
      if (question.before === undefined) continue;
      const verdict = judge(question, question.before, reading(question.request), clock.now().monoMs);
      if (verdict === undefined) continue;
      open.delete(question);
      question.settle(verdict);
    }
    if (fresh.length > 0) await putQuestions(fresh, reading);
  };
  const putQuestions = async (fresh: readonly Question[], reading: (request: ProbeRequest) => Reading): Promise<void> => {
    for (const question of fresh) question.before = reading(question.request);
    socket ??= openDatagramSocket('udp4');
    await provoke(
      socket,
      fresh.map(({ request }) => request.ip).filter((ip) => ipFamily(ip) === 4),
    );
    const asked = network.canRevalidate ? await network.revalidate(fresh.map(({ request }) => request)) : [];
    for (const question of fresh) noteWhetherAsked(question, asked.includes(question.request));
  };
  /** To the next round, or to the moment at which some question's time is up. */
  const waitMs = (): number => {
    const nowMs = clock.now().monoMs;
    return Math.max(
      1,
      [...open].reduce((least, { endsAtMs }) => Math.min(least, endsAtMs - nowMs), ROUND_MS),
    );
  };
  const run = async (): Promise<void> => {
    running = true;
    while (open.size > 0) {
      await sleep(clock, waitMs());
      await round();
    }
    running = false;
  };
  return (request) =>
    new Promise((settle) => {
      open.add({ request, endsAtMs: clock.now().monoMs + request.timeoutMs, settle });
      if (!running) void run();
    });
}

function noteWhetherAsked(question: Question, revalidated: boolean): void {
  const before = question.before as Reading;
  question.asked = revalidated || !isResolved(before.entry) || before.entry.state === 'PROBE';
  if (revalidated && before.entry !== undefined) question.before = { ...before, entry: { ...before.entry, state: 'PROBE' } };
}

async function takeReading(clock: Clock, network: LinuxNetwork): Promise<(request: ProbeRequest) => Reading> {
  const askedAtMs = clock.now().monoMs;
  const entries = new Map<string, Neighbour>((await network.neighbours()).map((entry) => [`${entry.ip}%${entry.interface}`, entry]));
  const readAtMs = clock.now().monoMs;
  return ({ ip, interface: name }) => ({ entry: entries.get(`${ip}%${name}`), askedAtMs, readAtMs });
}

/** Undefined while the question is open. */
function judge(question: Question, before: Reading, now: Reading, nowMs: number): Verdict | undefined {
  const evidence = evidenceSince(before, now);
  if (evidence === 'confirmed') return { outcome: 'answered', detail: 'ARP reply' };
  if (evidence === 'failed') return { outcome: 'silent', detail: 'ARP failed' };
  return nowMs < question.endsAtMs ? undefined : timedOut(question, now.entry);
}

function timedOut({ asked }: Question, entry: Neighbour | undefined): Verdict {
  if (entry === undefined) return { outcome: 'unable', detail: 'no neighbour entry' };
  if (entry.state === 'PERMANENT' || entry.state === 'NOARP') return { outcome: 'unable', detail: 'entry is static' };
  if (entry.state === 'INCOMPLETE') return { outcome: 'silent', detail: 'ARP failed' };
  return asked ? { outcome: 'silent', detail: 'no ARP reply' } : { outcome: 'unable', detail: 'ARP revalidation needs root' };
}
