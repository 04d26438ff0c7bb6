/**
 * Asks name servers, for `hearthbeat doctor`: whether they answer at all, what they say of a name that cannot exist, and of the names that
 * the hub needs. Where one knows no address for such a name, the anchors' machines are asked too: public resolvers often are anchors.
 */
import { isIP } from 'node:net';
import { isUseless, type NameAnswer, type NameServerFacts } from '../agent/diagnostics/doctor-names.ts';
import { encodeAddressQuestion, parseAddressAnswer } from '../agent/evidence/dns-message.ts';
import type { InternetProbe } from '../agent/ports.ts';
import type { Random } from '../base/random.ts';
import { exchangeDatagram } from './asker-questions.ts';

export type NameTrial = {
  readonly random: Random;
  readonly internet: InternetProbe;
  /** Names of brokers. */
  readonly names: readonly string[];
  /** The settings' anchors, whose machines may know better. */
  readonly anchors: readonly string[];
};

const ALIVE_MS = 2500;
const LOOK_UP_MS = 1500;
const DNS_PORT = 53;
const MOST_ELSEWHERE = 3;

/** Never rejects; takes 4 s at most. */
export function tryNameServers(servers: readonly string[], trial: NameTrial): Promise<NameServerFacts[]> {
  return Promise.all(servers.map((server) => tryNameServer(server, trial)));
}

async function tryNameServer(server: string, trial: NameTrial): Promise<NameServerFacts> {
  const alive = trial.internet.ask(`dns://${server.includes(':') ? `[${server}]` : server}`, ALIVE_MS);
  if (isIP(server) !== 4) return alive;
  const nobody = `hearthbeat-${Buffer.from(trial.random.bytes(6)).toString('hex')}.example`;
  const [life, invented, ...names] = await Promise.all([
    alive,
    lookUp(server, nobody, trial.random),
    ...trial.names.map((name) => askHereAndElsewhere(server, name, trial)),
  ]);
  return { ...life, ...(invented?.[0] === undefined ? {} : { invented: invented[0] }), names: names.flatMap((answer) => answer ?? []) };
}

/** Undefined where this server did not answer: then it is silent, which is another fault. */
async function askHereAndElsewhere(server: string, name: string, { random, anchors }: NameTrial): Promise<NameAnswer | undefined> {
  const here = await lookUp(server, name, random);
  if (here === undefined || !isUseless(here)) return here && { name, here };
  const answers = await Promise.all(
    machinesOf(anchors, server).map(async (other) => ({ server: other, addresses: (await lookUp(other, name, random)) ?? [] })),
  );
  const elsewhere = answers.find(({ addresses }) => !isUseless(addresses));
  return { name, here, ...(elsewhere ? { elsewhere } : {}) };
}

/** `198.51.100.53` of `dns://198.51.100.53`. */
function machinesOf(anchors: readonly string[], except: string): string[] {
  const hosts = anchors.flatMap((anchor) => /^\w+:\/\/([\d.]+)/.exec(anchor)?.[1] ?? []);
  return [...new Set(hosts)].filter((host) => host !== except && isIP(host) === 4).slice(0, MOST_ELSEWHERE);
}

async function lookUp(server: string, name: string, random: Random): Promise<readonly string[] | undefined> {
  const [high = 0, low = 0] = random.bytes(2);
  const question = encodeAddressQuestion(high * 256 + low, name);
  if (question === undefined) return undefined;
  const place = { ip: server, port: DNS_PORT, localAddress: '0.0.0.0', connectMs: LOOK_UP_MS, deadlineMs: LOOK_UP_MS };
  const accepts = (reply: Uint8Array): boolean => parseAddressAnswer(reply, question) !== undefined;
  const reply = await exchangeDatagram(place, { payload: question, timeoutMs: LOOK_UP_MS, accepts });
  return typeof reply === 'string' ? undefined : parseAddressAnswer(reply, question);
}
