/**
 * The open local interfaces of home devices: what the maker's own app reads before anyone has logged in. Each file beside this one is one
 * maker's: where to ask, who is worth asking, and what the answer says. All are single GETs (or a POST that only reads); none changes a device.
 */
import type { Asker, Finding, HttpQuestion, Reader, Target } from '../reader.ts';

export type Door = { readonly port: number; readonly tls?: true };

export type LocalApi = {
  /** Also the `on` of its fingerprints. */
  readonly name: string;
  readonly about: string;
  /** A device is asked that announces one of the services, has one of the ports open, or is of one of the makers. */
  readonly signs: { readonly services?: readonly string[]; readonly ports?: readonly number[]; readonly makers?: RegExp };
  /** Where it listens, likeliest first; those known to be open are tried, or the first one when none is known. */
  readonly doors: readonly Door[];
  /** Asked in this order until an answer is understood. */
  readonly paths: readonly string[];
  readonly request?: Pick<HttpQuestion, 'method' | 'headers' | 'body'>;
  /** Never throws; undefined for what is not of this interface. */
  readonly parse: (body: Uint8Array) => Finding | undefined;
};

/** The web server that configures the device. */
export const WEB: readonly Door[] = [{ port: 80 }, { port: 443, tls: true }, { port: 8080 }];

const MAX_BYTES = 65_536;
const MOST_DOORS = 2;

export function localApiReader(api: LocalApi): Reader {
  return {
    name: api.name,
    method: 'api',
    about: api.about,
    everyMs: 24 * 3_600_000,
    // Four questions over TLS, and the acknowledgements of one long answer.
    budget: { packets: 64, bytes: 8_192 },
    applies: (target) => showsSign(target, api.signs),
    read: (target, ask) => readApi(api, target, ask),
  };
}

export function showsSign(target: Target, { services = [], ports = [], makers }: LocalApi['signs']): boolean {
  return (
    services.some((service) => target.services.has(service)) ||
    ports.some((port) => target.openPorts.includes(port)) ||
    (makers !== undefined && target.vendor !== undefined && makers.test(target.vendor))
  );
}

async function readApi(api: LocalApi, target: Target, ask: Asker): Promise<readonly Finding[]> {
  for (const { port, tls } of doorsToTry(api.doors, target)) {
    for (const path of api.paths) {
      const answer = await ask.http({ port, path, maxBytes: MAX_BYTES, ...(tls && { tls }), ...api.request });
      if (!answer) break;
      const finding = answer.status === 200 ? api.parse(answer.body) : undefined;
      if (finding) return [{ port, ...finding }];
    }
  }
  return [];
}

function doorsToTry(doors: readonly Door[], target: Target): readonly Door[] {
  const open = doors.filter(({ port }) => target.openPorts.includes(port));
  return (open.length > 0 ? open : doors).slice(0, open.length > 0 ? MOST_DOORS : 1);
}
