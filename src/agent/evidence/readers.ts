/**
 * Every reader there is, with those left out that the settings turn off. To add one: write `src/agent/evidence/<name>.ts`, put it into the
 * list below, and give its name to `identify.off` in config/settings.ts (a test compares the two).
 */
import type { IdentifySettings } from './identify-settings.ts';
import { openPortsReader } from './open-ports.ts';
import type { GroupReader, Reader } from './reader.ts';

/** In the order in which one device is asked: `ports` first, because the others go by what it found. */
export function readersFor(settings: IdentifySettings): readonly Reader[] {
  const readers: readonly Reader[] = [
    openPortsReader,
    // one line each
  ];
  return readers.filter(({ name }) => !settings.off.includes(name));
}

/** Protocols that are asked of everyone at once, or only overheard. */
export function groupReadersFor(settings: IdentifySettings): readonly GroupReader[] {
  const readers: readonly GroupReader[] = [
    // one line each
  ];
  return readers.filter(({ name }) => !settings.off.includes(name));
}
