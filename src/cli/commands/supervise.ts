/** `hearthbeat agent --supervise`: the same command without its flag, started again whenever it ends. It reads no settings and loads nothing of the agent: it is to stay small. */
import { createLogger } from '../../platform/logger.ts';
import { supervise as keepRunning } from '../../platform/supervisor.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { systemRandom } from '../../platform/system-random.ts';
import type { CliContext } from '../context.ts';

export function supervise({ stderr, signal }: CliContext): Promise<number> {
  const program = [process.execPath, ...process.argv.slice(1).filter((word) => word !== '--supervise')];
  const log = createLogger('info', { isTty: stderr.isTTY === true, write: (text) => stderr.write(text) });
  return keepRunning({ program, clock: systemClock, random: systemRandom, log, signal });
}
