/**
 * The first meeting with the desk is made while a person is still there: a wrong address or password is told at once and ends the start.
 * A hub that has met its desk before starts whatever the line does, because watching the house comes first.
 */
import type { RunningAgent } from '../agent/main.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { HearthbeatError } from '../base/errors.ts';

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** Resolves when the broker took the connection; throws HB_BROKER_REFUSED or HB_BROKER_UNREACHABLE when it did not within 15 s. */
export async function firstContact(
  { agent }: Pick<RunningAgent, 'agent'>,
  urls: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = clock.now().monoMs;
  while (!signal.aborted) {
    const uplink = agent.view().uplink;
    if (!uplink || uplink.connected) return;
    const late = clock.now().monoMs - startedMs > PATIENCE_MS;
    if (uplink.code === 'HB_BROKER_REFUSED' || late) throw contactError(uplink.code, uplink.problem, urls);
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
}

function contactError(code: string | undefined, problem: string | undefined, urls: readonly string[]): HearthbeatError {
  const words = problem ?? `No answer from ${urls.join(', ')}.`;
  if (code === 'HB_BROKER_REFUSED') {
    return new HearthbeatError(
      'HB_BROKER_REFUSED',
      words,
      'Check uplink.username and uplink.password (or passwordFile) against what the desk gave you for this home.',
    );
  }
  return new HearthbeatError(
    'HB_BROKER_UNREACHABLE',
    words,
    'Check uplink.brokers in the configuration file and that the line works, or start with --offline to watch this house now and reach the desk later.',
    { retryable: true },
  );
}
