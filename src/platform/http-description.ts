/** Fetches one UPnP description from the device that announced it, from where the fetch guard let it through. All of it in time, or nothing. */
import type { FetchTarget } from '../agent/discovery/fetch-guard.ts';
import { MAX_DESCRIPTION_BYTES } from '../agent/discovery/upnp-description.ts';
import { err, ok, type Result } from '../base/result.ts';
import { exchangeHttp } from './http-exchange.ts';

const DESCRIPTION_DEADLINE_MS = 3_000;
const HEADERS = { Accept: 'text/xml, application/xml', 'User-Agent': 'UPnP/2.0 hearthbeat' };

const ENDINGS = { cut: 'too long', late: 'no complete answer in time', broken: 'broken answer' } as const;

export async function fetchDescription(
  target: FetchTarget,
  localAddress: string,
  deadlineMs = DESCRIPTION_DEADLINE_MS,
): Promise<Result<string, string>> {
  const place = { ip: target.ip, localAddress, connectMs: deadlineMs, deadlineMs };
  const { port, path } = target;
  const answer = await exchangeHttp(place, { port, path, headers: HEADERS, maxBytes: MAX_DESCRIPTION_BYTES + 1, whole: true });
  if (!answer.ok) return answer;
  const { status, body, end } = answer.value;
  if (status !== 200) return err(`status ${status}`);
  return end === 'whole' ? ok(Buffer.from(body).toString('utf8')) : err(ENDINGS[end]);
}
