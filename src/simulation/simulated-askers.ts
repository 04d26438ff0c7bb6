/**
 * Questions to the devices of a simulated home: ports are open, closed or silent as its profile says, its own pages
 * are served, a conversation is had where it has something to say, and everything else has no answer. Links lose nothing here: TCP repeats what is lost.
 */
import type { Asker, HttpAnswer, HttpQuestion, Target } from '../agent/evidence/reader.ts';
import type { Askers } from '../agent/ports.ts';
import { sleep } from '../base/clock.ts';
import type { LivingDevice } from './living-device.ts';
import type { LivingHome } from './living-home.ts';

const PATIENCE_MS = 900;
const ROUND_TRIP_MS = 5;

export class SimulatedAskers implements Askers {
  readonly #home: LivingHome;

  constructor(home: LivingHome) {
    this.#home = home;
  }

  askerFor({ ip }: Target): Asker {
    const nothing = async (): Promise<undefined> => {
      await sleep(this.#home.clock, this.#present(ip) ? ROUND_TRIP_MS : PATIENCE_MS);
    };
    return {
      connects: async (port) => {
        const device = this.#present(ip);
        const isOpen = device?.facts.answers.openTcpPorts.includes(port) ?? false;
        const answers = isOpen || device?.facts.answers.closedPorts === 'refused';
        await sleep(this.#home.clock, answers ? ROUND_TRIP_MS : PATIENCE_MS);
        return isOpen ? 'open' : answers ? 'closed' : 'silent';
      },
      http: async (question) => {
        await nothing();
        return pageOf(this.#present(ip), question);
      },
      datagram: nothing,
      conversation: async (port, { send }) => {
        await nothing();
        const reply = this.#present(ip)?.facts.says?.[port]?.(Buffer.from(send ?? []).toString());
        return reply === undefined ? undefined : Buffer.from(reply);
      },
      certificate: nothing,
    };
  }

  /** A home in memory leaves no question open. */
  close(): void {}

  #present(ip: string): LivingDevice | undefined {
    const device = this.#home.at(ip);
    return device && this.#home.isReachable(device) ? device : undefined;
  }
}

function pageOf(device: LivingDevice | undefined, { port, path, method = 'GET' }: HttpQuestion): HttpAnswer | undefined {
  const pages = device?.facts.pages?.filter((page) => page.port === port);
  if (!pages || pages.length === 0 || method === 'POST') return undefined;
  const page = pages.find((candidate) => candidate.path === path);
  const headers = page?.headers ?? {};
  return { status: page ? 200 : 404, headers, body: Buffer.from(page?.body ?? '') };
}
