/** What the agent of this machine knows: asked of the running agent, or read from its database when it does not run. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { type AgentView, viewOf } from '../agent/diagnostics/view.ts';
import type { Policy } from '../agent/policy.ts';
import { restoreState } from '../agent/state.ts';
import { type AgentStore, createAgentStore } from '../agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../agent/store/migrations.ts';
import { HearthbeatError } from '../base/errors.ts';
import { policyOf } from '../config/policy.ts';
import { isFile } from '../platform/data-folder.ts';
import { dataFolderPath, loadSettings } from '../platform/settings-file.ts';
import { openDatabaseReadOnly } from '../platform/sqlite.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { askAgent } from './ask-agent.ts';
import { type CliContext, globalFlags } from './context.ts';

/** `running` is false for what was last saved: then states are as old as `savedAt` tells. `policy` is the one of this home. */
export type KnownView = { readonly view: AgentView; readonly running: boolean; readonly dataFolder: string; readonly policy: Policy };

export async function readAgentView(context: CliContext, command: Command): Promise<KnownView> {
  const flags = globalFlags(command);
  const { settings } = loadSettings(flags.config, context.env);
  const dataFolder = dataFolderPath(flags.data, settings, context.env);
  const policy = policyOf(settings.policy);
  const live = await askAgent<AgentView>(dataFolder, '/view');
  return live
    ? { view: live, running: true, dataFolder, policy }
    : { view: savedView(dataFolder, context.version, policy), running: false, dataFolder, policy };
}

function savedView(dataFolder: string, version: string, policy: Policy): AgentView {
  const file = join(dataFolder, 'agent.db');
  if (!isFile(file)) throw noAgentEver(dataFolder);
  return readSaved(dataFolder, (store) => {
    const now = systemClock.now();
    const state = restoreState(store.load(), [], now, policy);
    return viewOf(state, {
      now,
      version,
      interfaces: [],
      coverage: [],
      droppedSightings: 0,
      uplink: undefined,
      log: store.identity.told(200),
      canRevalidate: false,
      policy,
    });
  });
}

/** What the database of a hub that has run says beside its present state. */
export function readSaved<T>(dataFolder: string, read: (store: AgentStore) => T): T {
  const db = openDatabaseReadOnly(join(dataFolder, 'agent.db'), AGENT_MIGRATIONS);
  try {
    return read(createAgentStore(db, { random: systemRandom, start: '' }));
  } finally {
    db.close();
  }
}

export function noAgentEver(dataFolder: string): HearthbeatError {
  return new HearthbeatError(
    'HB_NOT_FOUND',
    `No agent has ever run with the data folder ${dataFolder}.`,
    'Start one with `hearthbeat up` or `hearthbeat agent`, name its folder with --data, or look once with `hearthbeat scan`.',
  );
}

/** A line for stderr when what follows is not live. */
export function noteStopped(context: CliContext, known: KnownView): void {
  if (!known.running)
    context.stderr.write(
      `The agent does not run here (${known.dataFolder}): this is what it saved last. Start it with \`hearthbeat up\`.\n`,
    );
}
