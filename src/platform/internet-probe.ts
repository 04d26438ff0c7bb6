/**
 * Asks anchors beyond the gateway whether the world answers: `tcp://ip:port` by connecting, `dns://ip` by a question no cache can answer; and
 * whether it is the world (place-proof.ts).
 */
import { connect, isIP } from 'node:net';
import type { AnchorResult, InternetProbe } from '../agent/ports.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { encodeDnsQuestion, readDnsAnswer } from './dns-question.ts';
import { provePlace } from './place-proof.ts';
import { openDatagramSocket } from './provoking-datagrams.ts';
import { lookAlong } from './way-look.ts';

type Verdict = Omit<AnchorResult, 'anchor' | 'rttMs'>;
type Tools = { readonly clock: Clock; readonly random: Random };

const SILENT: Verdict = { outcome: 'silent', detail: 'no reply' };
const DNS_PORT = 53;

/** Never rejects; an anchor that cannot be read is `unable`. Anchors are addresses, so that no resolver stands between. */
export function createInternetProbe(tools: Tools): InternetProbe {
  return {
    async ask(anchor, timeoutMs) {
      const startedAtMs = tools.clock.now().monoMs;
      const verdict = await askAnchor(anchor, timeoutMs, tools);
      const rttMs = tools.clock.now().monoMs - startedAtMs;
      return { anchor, ...verdict, ...(verdict.outcome === 'answered' ? { rttMs } : {}) };
    },
    look: lookAlong,
    async prove(place, timeoutMs) {
      const { host, port } = /^tls:\/\/\[?(?<host>[0-9a-f.:]+?)\]?:(?<port>\d{1,5})$/i.exec(place)?.groups ?? {};
      if (host === undefined || isIP(host) === 0 || Number(port) > 65535) return { place, outcome: 'unable', detail: 'not a place' };
      return { place, ...(await provePlace({ host, port: Number(port) }, timeoutMs, tools.clock)) };
    },
  };
}

function askAnchor(anchor: string, timeoutMs: number, tools: Tools): Promise<Verdict> | Verdict {
  const { scheme, host, port } = /^(?<scheme>tcp|dns):\/\/\[?(?<host>[0-9a-f.:]+?)\]?(?::(?<port>\d{1,5}))?$/i.exec(anchor)?.groups ?? {};
  if (host === undefined || isIP(host) === 0 || Number(port ?? 1) > 65535) return { outcome: 'unable', detail: 'not an anchor' };
  if (scheme === 'dns') return askDns(host, Number(port ?? DNS_PORT), timeoutMs, tools);
  return port === undefined ? { outcome: 'unable', detail: 'not an anchor: no port' } : askTcp(host, Number(port), timeoutMs, tools);
}

function askTcp(host: string, port: number, timeoutMs: number, { clock }: Tools): Promise<Verdict> {
  return new Promise<Verdict>((resolve) => {
    const socket = connect({ host, port });
    const finish = (verdict: Verdict): void => {
      timer.cancel();
      socket.destroy();
      resolve(verdict);
    };
    const timer = clock.setTimer(timeoutMs, () => finish(SILENT));
    socket.on('connect', () => finish({ outcome: 'answered', detail: 'open' }));
    socket.on('error', (error) => finish(readTcpError(error)));
  });
}

function askDns(host: string, port: number, timeoutMs: number, { clock, random }: Tools): Promise<Verdict> {
  return new Promise<Verdict>((resolve) => {
    const socket = openDatagramSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    const question = encodeDnsQuestion(random);
    const finish = (verdict: Verdict): void => {
      timer.cancel();
      socket.removeAllListeners('message').close();
      resolve(verdict);
    };
    const timer = clock.setTimer(timeoutMs, () => finish(SILENT));
    const failed = (error: Error): void => finish(readDnsError(error));
    socket.once('error', failed);
    socket.on('message', (packet) => {
      const answer = readDnsAnswer(packet, question);
      if (answer !== undefined)
        finish(answer.proof ? { outcome: 'answered', detail: answer.code } : { outcome: 'silent', detail: answer.code });
    });
    socket.connect(port, host, (error?: Error | null) => {
      if (error) failed(error);
      else socket.send(question, (failure) => failure && failed(failure));
    });
  });
}

function readTcpError(error: Error): Verdict {
  const code = codeOf(error);
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? { outcome: 'answered', detail: 'refused' } : readError(code);
}

/** A port unreachable proves no resolver: home routers whose line is down send it in the anchor's place (the REJECT of netfilter). */
function readDnsError(error: Error): Verdict {
  const code = codeOf(error);
  return code === 'ECONNREFUSED' ? { outcome: 'silent', detail: 'port unreachable' } : readError(code);
}

/** What says "unreachable" is a router on the way, or the hub itself. */
function readError(code: string): Verdict {
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return { outcome: 'no-route', detail: code };
  return code === 'ETIMEDOUT' ? SILENT : { outcome: 'unable', detail: code };
}

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message;
