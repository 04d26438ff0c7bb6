/** What a hub that is to be killed starts with: what it was told, a hurried clock, and a store that logs what it commits. */
import { join } from 'node:path';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import type { Clock } from '../../src/base/clock.ts';
import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import { openDataFolder } from '../../src/platform/data-folder.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import { logCommits } from './commit-log.ts';
import { type Hurry, hurriedClock } from './hurried-clock.ts';
import { say } from './saying.ts';

export type HubArguments = {
  readonly folder: string;
  readonly site: string;
  readonly url: string;
  readonly hurry: Hurry;
  /** Names what happens in this life. */
  readonly seed: string;
  /** Nothing happens at home any more. */
  readonly isQuiet: boolean;
};

/** `start` names this life. */
export type HubMemory = HubArguments & {
  readonly clock: Clock;
  readonly random: Random;
  readonly start: string;
  readonly store: AgentStore;
  readonly logged: ReturnType<typeof logCommits>;
};

/** Of the process that was started with HubArguments as JSON. */
export function hubMemory(): HubMemory {
  const told = JSON.parse(process.argv[2] ?? '{}') as HubArguments;
  const random = systemRandom;
  const { databasePath } = openDataFolder(told.folder, 'agent');
  const start = newRandomId(random);
  const db = openDatabase(databasePath, AGENT_MIGRATIONS);
  const store = createAgentStore(db, { random, start });
  const logged = logCommits(join(told.folder, 'commits.log'), db, store, () => say('commit'));
  return { ...told, clock: hurriedClock(told.hurry), random, start, store, logged };
}
