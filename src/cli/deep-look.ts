/** What only a deep scan needs. It is loaded when it is wanted: the readers and the settings take as long to load as all else of a scan. */
import type { IdentifySettings } from '../agent/evidence/identify-settings.ts';
import { readersFor } from '../agent/evidence/readers.ts';
import { Spending } from '../agent/evidence/spending.ts';
import type { Discovery } from '../agent/ports.ts';
import { createAskers } from '../platform/asker.ts';
import { identifySettings, loadSettings } from '../platform/settings-file.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import { type AskingTools, SCAN_PACE } from './ask-everyone.ts';

/** As the agent's settings say; throws as `loadSettings` does. */
export function identifyFrom(file: string | undefined, env: NodeJS.ProcessEnv): IdentifySettings {
  return identifySettings(loadSettings(file, env).settings.identify);
}

export function askingOn(discovery: Discovery, identify: IdentifySettings): AskingTools {
  const tools = { clock: systemClock, random: systemRandom };
  const askers = createAskers({ ...tools, interfaces: () => discovery.interfaces(), spending: new Spending() });
  return { ...tools, askers, policy: { ...SCAN_PACE, readers: readersFor(identify, systemRandom), leaveAlone: identify.leaveAlone } };
}
