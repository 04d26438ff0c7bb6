/** A real agent that says nothing to the network of this machine: no interface of it is a LAN, and no place on the internet is asked. */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type RunningCommand, type RunOptions, type Workplace, workplace } from './command.ts';

export const WATCHING = 'The agent is watching.';

const QUIET = `lan:\n  exclude: [${Object.keys(networkInterfaces()).join(', ')}]\ninternet:\n  anchors: []\n`;

export type QuietHub = Workplace & {
  readonly data: string;
  /** `agent` with its settings and data, and more flags. */
  readonly args: (verb: string, ...flags: string[]) => string[];
  /** Starts the agent and waits until it watches. */
  watch(flags?: readonly string[], options?: RunOptions): Promise<RunningCommand>;
};

/** `settings`: more lines of the settings file. */
export function quietHub(onTestFinished: Parameters<typeof workplace>[0], settings = ''): QuietHub {
  const place = workplace(onTestFinished);
  const file = place.file('hearthbeat.yaml', `${QUIET}${settings}`);
  const data = join(place.folder, 'data');
  const args = (verb: string, ...flags: string[]): string[] => [...verb.split(' '), '--config', file, '--data', data, ...flags];
  return {
    ...place,
    data,
    args,
    async watch(flags = [], options = {}) {
      const running = place.start(args('agent', ...flags), options);
      await running.said(WATCHING);
      return running;
    },
  };
}
