/**
 * `hearthbeat demo`: a day in a simulated home, played at speed through the very same agent, broker, desk and page, so that a newcomer
 * sees every screen alive. Its data live in a folder of their own that goes away at the end.
 */
import type { Command } from 'commander';
import { runAgent } from '../../agent/main.ts';
import type { AgentPlatform } from '../../agent/ports.ts';
import { every } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { settingsSchema } from '../../config/settings.ts';
import { runDesk } from '../../desk/main.ts';
import { createLogger } from '../../platform/logger.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { makeTemporaryFolder } from '../../platform/temporary-folder.ts';
import { playDay } from '../../simulation/day-of-events.ts';
import { PacedClock } from '../../simulation/paced-clock.ts';
import { SAMPLE_HOME } from '../../simulation/sample-home.ts';
import { seededRandom } from '../../simulation/seeded-random.ts';
import { createSimulatedHome } from '../../simulation/simulated-platform.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { createFailure } from '../failure.ts';
import { createTicker } from '../render/ticker.ts';
import { paint } from '../render/words.ts';
import { stopped } from '../stopped.ts';

/** At a few hundred times life a heartbeat each simulated half minute would be ten a second. */
const HEARTBEAT_S = 120;
const NEWS_EVERY_MS = 250;
const SPEED_LIMIT = 1_000;

export async function demo(given: CliContext, command: Command): Promise<number> {
  const asJson = globalFlags(command).json === true;
  // With --json the story is no result: it goes where progress goes.
  const context = asJson ? { ...given, stdout: given.stderr } : given;
  const flags = command.opts<{ speed: string; seed: string }>();
  const speed = speedOf(flags.speed);
  const failure = createFailure();
  const virtual = new VirtualClock(thisMorning());
  const clock = new PacedClock({ virtual, real: systemClock, speed, onFault: failure.fail });
  const log = createLogger('error', { isTty: true, write: (text) => context.stderr.write(text) });
  const folder = makeTemporaryFolder('hearthbeat-demo-');
  const desk = await runDesk({ folder: folder.path, port: 0, broker: { port: 0 }, clock, random: systemRandom, log, settings: {} });
  try {
    const home = createSimulatedHome({ home: SAMPLE_HOME, clock, random: seededRandom(flags.seed) });
    const running = await runAgent({
      settings: settingsSchema.parse({ site: { name: SAMPLE_HOME.name }, uplink: { heartbeatSeconds: HEARTBEAT_S } }),
      dataFolder: folder.path,
      version: context.version,
      log,
      onFatal: failure.fail,
      platform: simulatedPlatform(home, clock, flags.seed, log),
      async desk(site) {
        await desk.registerSite({ ...site, name: SAMPLE_HOME.name });
        return { urls: [desk.brokerUrl], password: site.password };
      },
    });
    clock.start();
    if (asJson) printJson(given, { page: desk.url, devices: SAMPLE_HOME.devices.length, speed, seed: flags.seed });
    context.stdout.write(
      `A day in a simulated home of ${SAMPLE_HOME.devices.length} devices, ${speed} times faster than life (seed "${flags.seed}").\n  page  ${desk.url}\n\n`,
    );
    const ticker = createTicker(context);
    const news = every(systemClock, NEWS_EVERY_MS, () => ticker.news(running.agent.view()));
    const day = playDay(home.control, clock, {
      onEvent: (caption) => context.stdout.write(`${timeOf(clock)}  ${paint('cyan', caption, context.stdout, context.env)}\n`),
    });
    await Promise.race([day.done, stopped(context.signal), failure.failed]);
    if (!context.signal.aborted) await afterTheDay(clock, context, desk.url, failure.failed);
    day.stop();
    news.cancel();
    await clock.stop();
    await running.stop();
  } finally {
    await desk.stop();
    folder.remove();
  }
  return EXIT.fine;
}

/** The page stays up at the pace of life until the person has seen enough. */
async function afterTheDay(clock: PacedClock, context: CliContext, url: string, failed: Promise<never>): Promise<void> {
  clock.speed = 1;
  context.stdout.write(`\nThe day is over. The page stays at ${url} until Ctrl-C.\n`);
  await Promise.race([stopped(context.signal), failed]);
}

function simulatedPlatform(home: ReturnType<typeof createSimulatedHome>, clock: PacedClock, seed: string, log: Log): AgentPlatform {
  const { network, discovery, prober, internet, askers, vitals } = home;
  return { clock, random: seededRandom(`${seed}/agent`), network, discovery, prober, internet, askers, vitals, canRevalidate: true, log };
}

/** Seven o'clock of today, by the wall clock of the person who looks. */
function thisMorning(): number {
  return new Date(systemClock.now().wallMs).setHours(7, 0, 0, 0);
}

function timeOf(clock: PacedClock): string {
  return new Date(clock.now().wallMs).toTimeString().slice(0, 8);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed >= 1 && speed <= SPEED_LIMIT) return speed;
  throw new HearthbeatError('HB_USAGE', `--speed ${text} is no speed.`, `Give a number from 1 to ${SPEED_LIMIT}, for example --speed 300.`);
}
