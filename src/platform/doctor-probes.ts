/**
 * Looks, for `hearthbeat doctor`, at the machine itself: its hardware, its clock, its data folder. Every function answers with facts
 * and rejects for nothing the machine does; src/agent/diagnostics judges them. systeminformation is used here only: it starts processes.
 */
import { mkdtemp, readFile, realpath, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { freemem, release, totalmem } from 'node:os';
import path from 'node:path';
import si from 'systeminformation';
import type { ClockFacts, DataFolderFacts, MachineFacts } from '../agent/diagnostics/doctor-machine.ts';
import { isClockSynchronised } from './clock-synchronisation.ts';
import { readStorageWear } from './storage-wear.ts';
import { exists, textOf } from './system-texts.ts';

/** `si.osInfo` is not asked: it runs `hostname -f`, synchronously, which stands still for seconds in a house whose DNS is dead. */
export async function lookAtMachine(): Promise<MachineFacts> {
  const [{ manufacturer, model }, { main }, osRelease] = await Promise.all([si.system(), si.cpuTemperature(), textOf('/etc/os-release')]);
  const name = model.startsWith(manufacturer) ? model : `${manufacturer} ${model}`.trim();
  return {
    system: /^PRETTY_NAME="?([^"\n]+)/m.exec(osRelease)?.[1] ?? 'Linux',
    kernel: release(),
    memory: { totalBytes: totalmem(), availableBytes: freemem() },
    ...(name === '' ? {} : { model: name }),
    ...(main ? { temperatureC: main } : {}),
  };
}

/** `packageFile`: any file of this program; its age is that of the installation. */
export async function lookAtClock(packageFile: string): Promise<Omit<ClockFacts, 'wallMs'>> {
  const [{ mtimeMs }, isSynchronised] = await Promise.all([stat(packageFile), isClockSynchronised()]);
  return { installedAtMs: mtimeMs, ...(isSynchronised === undefined ? {} : { isSynchronised }) };
}

/** Writes, reads and removes a file where the data is, or where its folder would be made. */
export async function tryDataFolder(folder: string): Promise<DataFolderFacts> {
  const place = await nearestExisting(folder);
  const [error, disk, free, owner] = await Promise.all([whyUnwritable(place), diskOf(place), freeOn(place), ownerOf(place)]);
  const wear = disk && (await readStorageWear(disk.device));
  return {
    path: folder,
    exists: place === folder,
    ...(error === undefined ? {} : { error }),
    ...(disk === undefined ? {} : { disk }),
    ...(wear === undefined ? {} : { wear }),
    ...(owner === undefined ? {} : { owner }),
    ...free,
  };
}

async function nearestExisting(folder: string): Promise<string> {
  if ((await exists(folder)) || path.dirname(folder) === folder) return folder;
  return nearestExisting(path.dirname(folder));
}

async function whyUnwritable(folder: string): Promise<string | undefined> {
  let trial: string | undefined;
  try {
    trial = await mkdtemp(path.join(folder, '.doctor-'));
    const file = path.join(trial, 'trial');
    await writeFile(file, 'written', { flush: true });
    return (await readFile(file, 'utf8')) === 'written' ? undefined : 'what was written came back different';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    if (trial !== undefined) await rm(trial, { recursive: true, force: true }).catch(() => {});
  }
}

/** Some file systems (btrfs) make inodes as they need them, and count none. */
async function freeOn(folder: string): Promise<Pick<DataFolderFacts, 'freeBytes' | 'freeFiles'>> {
  const disk = await statfs(folder).catch(() => undefined);
  return disk ? { freeBytes: disk.bavail * disk.bsize, ...(disk.files > 0 ? { freeFiles: disk.ffree } : {}) } : {};
}

async function ownerOf(folder: string): Promise<string | undefined> {
  const owner = await stat(folder).catch(() => undefined);
  return owner && new RegExp(`^([^:]+):[^:]*:${owner.uid}:`, 'm').exec(await textOf('/etc/passwd'))?.[1];
}

/** The disk whose mount point is the longest beginning of the folder's real path. */
async function diskOf(folder: string): Promise<DataFolderFacts['disk']> {
  const [real, mounts] = await Promise.all([realpath(folder).catch(() => folder), si.fsSize()]);
  const holds = ({ mount }: { mount: string }): boolean => mount === '/' || real === mount || real.startsWith(`${mount}/`);
  const disk = mounts.filter(holds).sort((a, b) => b.mount.length - a.mount.length)[0];
  return disk && { device: disk.fs, type: disk.type, isReadOnly: disk.rw === false };
}
