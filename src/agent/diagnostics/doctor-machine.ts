/** What `hearthbeat doctor` concludes about the machine itself: its Node, its hardware, its clock and its data folder. Pure. */
import { type StorageWear, wearState, wearWords } from '../lifecycle/hub-wear.ts';
import { WRITTEN_AT } from '../outbox/time-floor.ts';
import { type Finding, ok, problem, warning } from './doctor-check.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** The agent itself needs about 90 MB. */
const LITTLE_MEMORY_BYTES = 150 * MIB;
/** A Raspberry Pi slows its processor down from 80 °C on and more from 85 °C (Raspberry Pi documentation, "Frequency management"). */
const HOT_C = 80;
/** The outbox may grow to tens of megabytes while the desk is away, and SQLite needs room beside it. */
const NO_SPACE_BYTES = 100 * MIB;
const LITTLE_SPACE_BYTES = 500 * MIB;
/** An alert that is a minute off confuses whoever compares it with another log. */
const CLOCK_OFF_MS = 60_000;

export function judgeNode(version: string): Finding {
  if (Number(version.split('.')[0]) >= 24) return ok(`Node ${version} runs this.`);
  return problem(`Node ${version} is too old: 24 or later is needed.`, 'Install Node 24, or start hearthbeat by bin/hearthbeat.mjs.');
}

export type MachineFacts = {
  readonly model?: string;
  readonly system: string;
  readonly kernel: string;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  readonly temperatureC?: number;
};

export function judgeMachine({ model, system, kernel, memory, temperatureC }: MachineFacts): Finding {
  const heat = temperatureC === undefined ? '' : `, processor at ${Math.round(temperatureC)} °C`;
  const free = `${bytes(memory.availableBytes)} of ${bytes(memory.totalBytes)} memory available`;
  const summary = `${model ? `${model}, ` : ''}${system}, kernel ${kernel}, ${free}${heat}.`;
  if (temperatureC !== undefined && temperatureC >= HOT_C) {
    return warning(`${summary} That is so hot that it slows down.`, 'Give it air or a heat sink, and move it away from other warm boxes.');
  }
  if (memory.availableBytes < LITTLE_MEMORY_BYTES)
    return warning(`${summary} That is little.`, 'Find what uses it: ps aux --sort=-rss | head');
  return ok(summary);
}

export type ClockFacts = {
  readonly wallMs: number;
  /** When this copy of the program was put on the machine, by the machine's own clock. */
  readonly installedAtMs: number;
  /** Undefined where nothing on the machine tells. */
  readonly isSynchronised?: boolean;
  /** Desk's time minus ours, from the running agent. */
  readonly deskOffsetMs?: number;
};

export function judgeClock({ wallMs, installedAtMs, isSynchronised, deskOffsetMs = 0 }: ClockFacts): Finding {
  const fix = 'Turn on time synchronisation: sudo timedatectl set-ntp true';
  const now = `${new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (wallMs < WRITTEN_AT) return problem(`The clock says ${now}, which is before this program was written.`, fix);
  if (wallMs < installedAtMs) return problem(`The clock says ${now}, which is before this program was installed here.`, fix);
  if (Math.abs(deskOffsetMs) > CLOCK_OFF_MS) {
    return problem(`The clock says ${now}, ${Math.round(Math.abs(deskOffsetMs) / 1000)} s off the desk's.`, fix);
  }
  if (isSynchronised === false) return warning(`The clock says ${now} and is not synchronised.`, fix);
  const how = isSynchronised ? 'and is synchronised' : 'and looks right; nothing here tells whether it is synchronised';
  return ok(`The clock says ${now} ${how}.`);
}

export type DataFolderFacts = {
  readonly path: string;
  readonly exists: boolean;
  /** Why a file could not be written and read back there (or, before the first start, in the folder it will be made in). */
  readonly error?: string;
  /** Who the folder belongs to, where the system has a name for that user. */
  readonly owner?: string;
  readonly freeBytes?: number;
  /** How many files can still be made. */
  readonly freeFiles?: number;
  readonly disk?: { readonly device: string; readonly type: string; readonly isReadOnly: boolean };
  readonly wear?: StorageWear;
};

export function judgeDataFolder(facts: DataFolderFacts): Finding {
  const { path, exists, error, freeBytes, disk, wear = {} } = facts;
  if (error !== undefined) return unwritable(facts, error);
  const where = `${path}${exists ? '' : ' (made at the first start)'}`;
  const room = freeBytes === undefined ? '' : `, ${bytes(freeBytes)} free`;
  const summary = `${where} can be written${room}${disk ? ` on ${diskWords(disk)}` : ''}${wearWords(wear)}${dailyWords(wear)}.`;
  const free = freeBytes ?? Number.POSITIVE_INFINITY;
  if (free < NO_SPACE_BYTES) return problem(`${summary} That is too little.`, FREE_SPACE);
  if (disk?.type === 'tmpfs') return warning(`${summary} It is lost when the power goes.`, 'Choose a folder on a disk with --data.');
  const worn = wearState(wear);
  if (worn === 'over') return problem(`${summary} It may fail any day.`, NEW_CARD);
  if (worn === 'near') return warning(`${summary} It nears its end.`, NEW_CARD);
  if (free < LITTLE_SPACE_BYTES) return warning(`${summary} That is little.`, `See what uses it: sudo du -xh / | sort -h | tail`);
  return ok(summary);
}

const FREE_SPACE = 'Free some space (sudo apt-get clean; sudo journalctl --vacuum-size=50M), or choose another folder with --data.';

const NEW_CARD = 'Copy it to a new one of the endurance kind, as made for cameras, before it stops.';

function dailyWords({ bytesADay }: StorageWear): string {
  return bytesADay === undefined ? '' : `, ${bytes(bytesADay)} written a day`;
}

function unwritable({ path, disk, owner, freeFiles }: DataFolderFacts, error: string): Finding {
  if (disk?.isReadOnly || error === 'EROFS') {
    return problem(
      `${path} is on a disk that is mounted read-only, as the kernel does when an SD card fails.`,
      'Look for the reason with: sudo dmesg | grep -iE "mmc|ext4|I/O". Replace the card, or choose another folder with --data.',
    );
  }
  if (error === 'ENOSPC' && freeFiles === 0)
    return problem(
      `No file can be made in ${path}: the disk has no inode left.`,
      `Find the folder that is full of small files: sudo du --inodes -xd 3 / | sort -n | tail`,
    );
  if (error === 'ENOSPC') return problem(`No space is left for ${path}.`, FREE_SPACE);
  return problem(
    `This user cannot write to ${path}${owner === undefined ? '' : `, which belongs to ${owner}`} (${error}).`,
    `Run this as the user who runs the agent, give it to this user (sudo chown -R "$(id -un)" "${path}"), or choose another folder with --data.`,
  );
}

function diskWords({ device, type }: { device: string; type: string }): string {
  if (type === 'tmpfs') return 'a memory disk';
  return `${/^\/dev\/mmcblk/.test(device) ? 'an SD card or eMMC' : device} (${type})`;
}

export function bytes(count: number): string {
  return count >= GIB ? `${(count / GIB).toFixed(1)} GiB` : `${Math.round(count / MIB)} MiB`;
}
