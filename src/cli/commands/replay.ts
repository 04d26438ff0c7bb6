/**
 * `hearthbeat replay`: what people would have been asked to act on in the last month, with the settings of this home or those of a file. Reads the agent's database
 * beside it, changes nothing and asks nobody.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import { titleAndPlace } from '../../agent/inventory/describe.ts';
import { summarise } from '../../agent/inventory/summary.ts';
import type { Policy } from '../../agent/policy.ts';
import { createAgentStore } from '../../agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../agent/store/migrations.ts';
import { sleep } from '../../base/clock.ts';
import { HearthbeatError } from '../../base/errors.ts';
import { policyOf } from '../../config/policy.ts';
import { isFile } from '../../platform/data-folder.ts';
import { dataFolderPath, loadSettings } from '../../platform/settings-file.ts';
import { openDatabaseReadOnly } from '../../platform/sqlite.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { asking, laterMs, paired } from '../../replay/compare.ts';
import { instantOf, type Past, readPast } from '../../replay/past.ts';
import { type Home, type Message, replay as play } from '../../replay/replay.ts';
import { noAgentEver } from '../agent-view.ts';
import { type CliContext, EXIT, globalFlags, printJson } from '../context.ts';
import { LiveArea } from '../render/live-area.ts';
import { type Replayed, replayLines } from '../render/replay-text.ts';
import { paint } from '../render/words.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 31;

export async function replay(context: CliContext, command: Command): Promise<number> {
  const { days, policy: file } = command.opts<{ days: string; policy?: string }>();
  const flags = globalFlags(command);
  const sinceAt = systemClock.now().wallMs - daysOf(days) * DAY_MS;
  const { settings } = loadSettings(flags.config, context.env);
  const other = file === undefined ? undefined : { file, policy: policyOf(loadSettings(file, context.env).settings.policy) };
  const { past, home } = readJournal(dataFolderPath(flags.data, settings, context.env), sinceAt);
  const area = new LiveArea(context.stderr);
  const playAll = (policy: Policy, what: string): Promise<readonly Message[] | undefined> =>
    played(past, home, policy, (done) => area.draw([`Replaying ${what}: ${Math.floor(done * 100)} %`]), context.signal);
  try {
    const current = await playAll(policyOf(settings.policy), 'with the settings of this home');
    const messages = current && other ? await playAll(other.policy, `with ${other.file}`) : undefined;
    if (!current || (other && !messages)) return EXIT.problems;
    area.clear();
    const replayed = told(past, home, sinceAt, current, other && messages ? { file: other.file, messages } : undefined);
    if (flags.json) printJson(context, replayDocument(replayed));
    else context.stdout.write(`${replayLines(replayed, lookOf(context)).join('\n')}\n`);
    return EXIT.fine;
  } finally {
    area.clear();
  }
}

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isFinite(days) && days > 0 && days <= MOST_DAYS) return days;
  throw new HearthbeatError(
    'HB_USAGE',
    `--days ${text} is no time to look back.`,
    `Give a number up to ${MOST_DAYS}, for example --days 7.`,
  );
}

function readJournal(dataFolder: string, sinceAt: number): { past: Past; home: Home } {
  const file = join(dataFolder, 'agent.db');
  if (!isFile(file)) throw noAgentEver(dataFolder);
  const db = openDatabaseReadOnly(file, AGENT_MIGRATIONS);
  try {
    const store = createAgentStore(db, { random: systemRandom, start: '' });
    // A replay can begin once a day.
    const past = readPast(store.journal.parts(sinceAt - 2 * DAY_MS), sinceAt);
    if (past) return { past, home: store.load() };
  } finally {
    db.close();
  }
  throw new HearthbeatError(
    'HB_NOT_FOUND',
    'There is no journal yet.',
    'The agent keeps one from its first hour: start it with `hearthbeat up` or the service manager, and come back tomorrow.',
  );
}

/** Undefined where a person ended it. */
async function played(
  past: Past,
  home: Home,
  policy: Policy,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<readonly Message[] | undefined> {
  const playing = play(past, home, { policy, random: systemRandom });
  for (let step = playing.next(); ; step = playing.next()) {
    if (step.done) return step.value;
    onProgress(step.value);
    // Lets Ctrl-C in.
    await sleep(systemClock, 0, signal);
    if (signal.aborted) return undefined;
  }
}

function told(past: Past, home: Home, sinceAt: number, current: readonly Message[], other: Replayed['other']): Replayed {
  const at = (ms: number): number => instantOf(past, ms).wallMs;
  const devices = new Map(home.devices.filter(({ personal }) => !personal).map((device) => [device.id, device]));
  return {
    from: Math.max(sinceAt, at(0)),
    to: at(past.untilMs),
    gaps: past.gaps.map(({ fromMs, toMs }) => ({ from: at(fromMs), to: at(toMs) })).filter(({ to }) => to > sinceAt),
    left: past.left,
    devices: devices.size,
    nameOf(id) {
      const device = devices.get(id);
      return device ? titleAndPlace(summarise(device)) : id;
    },
    current,
    other,
  };
}

function lookOf({ stdout, env }: CliContext): Parameters<typeof replayLines>[1] {
  const width = stdout.isTTY ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  return { width, paintTitle: (text) => paint('bold', text, stdout, env) };
}

function replayDocument({ current, other, nameOf, ...journal }: Replayed): unknown {
  const { from, to } = journal;
  const [now, then] = [asking(current, from, to), other && asking(other.messages, from, to)];
  const named = (message: Message) => (message.device === undefined ? message : { ...message, name: nameOf(message.device) });
  return {
    journal,
    current: { asked: now.map(named), told: current.length },
    ...(other && then
      ? {
          policy: { file: other.file, asked: then.map(named), told: other.messages.length },
          differences: paired(now, then)
            .filter((pair) => !pair.now || !pair.other || Math.abs(laterMs(pair)) >= 1_000)
            .map((pair) => ({ ...pair, ...(pair.now && pair.other ? { laterMs: laterMs(pair) } : {}) })),
        }
      : {}),
  };
}
