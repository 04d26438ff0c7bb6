/**
 * Asks the home's UniFi console once a day, where the settings name one. The certificate to whose owner the key was sent first is kept in the data folder and asked for
 * ever after, unless the settings name another. A console that is in no network of this hub is not asked.
 */
import { join } from 'node:path';
import { originOf } from '../agent/discovery/on-link.ts';
import type { ControllerSighting, LanInterface } from '../agent/discovery/sighting.ts';
import { jsonObject } from '../agent/evidence/json-object.ts';
import { type ManagedDevice, UNIFI_CONSOLE } from '../agent/evidence/unifi-devices.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { askConsole, type ConsoleAnswer, type ConsolePlace } from './unifi-console.ts';
import { readBounded, replaceFile } from './whole-file.ts';

export type UnifiWatch = { readonly place: ConsolePlace; readonly folder: string };

type Tools = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  interfaces(): readonly LanInterface[];
  tell(sighting: ControllerSighting): void;
};

/** Its name in the data folder. */
export const UNIFI_FILE = 'unifi-console.json';
const LARGEST_FILE = 1_024;
const DAY_MS = 86_400_000;
/** By then the devices that it will speak of are known: they are always on. */
const FIRST_AFTER_MS = 60_000;
/** What it said is told once more: by then the hub has met those that it did not know yet. */
const AGAIN_MS = 15 * 60_000;
const AFTER_SILENCE_MS = 3_600_000;
const DEADLINE_MS = 20_000;

/** What is known of a console from the last time. `at`: when it told, Unix milliseconds; 0 where it never did. */
type Asked = { readonly at: number; readonly fingerprint: string };

export function openUnifiWatch({ place, folder }: UnifiWatch, tools: Tools): { close(): void } {
  const { clock, random, log } = tools;
  const stopping = new AbortController();
  const { signal } = stopping;
  let complained: string | undefined;

  async function run(): Promise<void> {
    for (let waitMs = firstWait(place, folder, clock); !signal.aborted; ) {
      await sleep(clock, waitMs * (0.95 + 0.1 * random.fraction()), signal);
      if (!signal.aborted) waitMs = heard(await askOnLink(place, folder, tools, signal));
    }
  }

  /** How long to wait until it is asked again. */
  function heard(answer: ConsoleAnswer | OffLink): number {
    if (signal.aborted) return 0;
    if (answer.outcome !== 'told') {
      if (complained !== answer.outcome) log.warn('The UniFi console was not read.', { console: place.ip, ...answer });
      complained = answer.outcome;
      keepFirst(answer);
      return answer.outcome === 'silent' || answer.outcome === 'off-link' ? AFTER_SILENCE_MS : DAY_MS;
    }
    complained = undefined;
    tellOf(answer.devices);
    void sleep(clock, AGAIN_MS, signal).then(() => signal.aborted || tellOf(answer.devices));
    remember(place, folder, { at: clock.now().wallMs, fingerprint: answer.fingerprint }, log);
    return DAY_MS;
  }

  /** Who was given the key is who gets it again, whatever came of it. It may be asked again soon. */
  function keepFirst(answer: ConsoleAnswer | OffLink): void {
    const fingerprint = answer.outcome === 'off-link' || answer.outcome === 'other-certificate' ? undefined : answer.fingerprint;
    if (fingerprint !== undefined && !askedBefore(place, folder)) remember(place, folder, { at: 0, fingerprint }, log);
  }

  function tellOf(devices: readonly ManagedDevice[]): void {
    const from = originOf(place.ip, tools.interfaces());
    const heardAt = { at: clock.now(), ip: place.ip, interface: from.from === 'lan' ? from.interface.name : '' };
    for (const { macs, fields } of devices) tools.tell({ method: 'controller', ...heardAt, reader: UNIFI_CONSOLE, macs, fields });
  }

  void run();
  return { close: () => stopping.abort() };
}

type OffLink = { readonly outcome: 'off-link' };

/** As the agent asks it, also for `doctor`. Never rejects. */
export async function askOnLink(
  place: ConsolePlace,
  folder: string,
  { interfaces }: Pick<Tools, 'interfaces'>,
  signal?: AbortSignal,
  deadlineMs = DEADLINE_MS,
): Promise<ConsoleAnswer | OffLink> {
  const from = originOf(place.ip, interfaces());
  if (from.from !== 'lan') return { outcome: 'off-link' };
  const fingerprint = place.fingerprint ?? askedBefore(place, folder)?.fingerprint;
  const means = { localAddress: from.interface.address, deadlineMs, ...(signal ? { signal } : {}) };
  return askConsole({ ...place, fingerprint }, means);
}

/** A hub that starts again and again asks no more often. */
function firstWait(place: ConsolePlace, folder: string, clock: Clock): number {
  const before = askedBefore(place, folder);
  const leftMs = before ? before.at + DAY_MS - clock.now().wallMs : 0;
  return Math.min(DAY_MS, Math.max(FIRST_AFTER_MS, leftMs));
}

const nameOf = ({ ip, port }: ConsolePlace): string => `${ip}:${port}`;

/** Undefined for a console that was never read, and for another one than the last. */
function askedBefore(place: ConsolePlace, folder: string): Asked | undefined {
  const bytes = readBounded(join(folder, UNIFI_FILE), LARGEST_FILE);
  const stored = Buffer.isBuffer(bytes) ? jsonObject(bytes.toString('utf8')) : undefined;
  const { console: name, at, fingerprint } = stored ?? {};
  return name === nameOf(place) && typeof at === 'number' && typeof fingerprint === 'string' ? { at, fingerprint } : undefined;
}

function remember(place: ConsolePlace, folder: string, asked: Asked, log: Log): void {
  try {
    replaceFile(join(folder, UNIFI_FILE), `${JSON.stringify({ console: nameOf(place), ...asked })}\n`);
  } catch (error) {
    log.warn('The certificate of the UniFi console could not be kept.', { cause: String(error) });
  }
}
