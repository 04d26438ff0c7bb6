/** A small hub in this process, on a folder and a broker of the test; closed when the test is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type HubOptions, openSmallHub, type SmallHub } from './small-hub.ts';

export type HubOnBroker = Omit<SmallHub, 'close'> & { readonly log: string[]; stop(): Promise<void> };

export function startHubOn(options: HubOptions): HubOnBroker {
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const { close, ...hub } = openSmallHub(options, { debug: note, info: note, warn: note, error: note });
  let ending: Promise<void> | undefined;
  const stop = (): Promise<void> => (ending ??= close());
  onTestFinished(stop);
  return { ...hub, log: lines, stop };
}

/** Waits until `condition` holds; fails with `what` after `timeoutMs`. */
export async function until(what: string, condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await sleep(20);
  }
}
