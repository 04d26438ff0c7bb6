/** How worn the memory card or eMMC is that a folder is on, as the kernel tells it, and how much is written to it. A plain SD card tells no wear: there the bytes are all. */
import { realpath, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { basename } from 'node:path';
import type { StorageWear } from '../agent/lifecycle/hub-wear.ts';
import { textOf } from './system-texts.ts';

const DAY_S = 86_400;
/** The kernel counts sectors of this size, whatever the disk has (Documentation/block/stat.rst). */
const SECTOR_BYTES = 512;
const SECTORS_WRITTEN = 6;

/** `device`: as it is mounted, `/dev/mmcblk0p2`. Undefined for other disks. `root`: where the kernel's files are. */
export async function readStorageWear(device: string, root = '/sys/block'): Promise<StorageWear | undefined> {
  const [name] = /(?<=^\/dev\/)mmcblk\d+/.exec(device) ?? [];
  if (name === undefined) return undefined;
  const [lifeTime, preEol, stat] = await Promise.all([
    textOf(`${root}/${name}/device/life_time`),
    textOf(`${root}/${name}/device/pre_eol_info`),
    textOf(`${root}/${name}/stat`),
  ]);
  const worst = Math.max(0, ...lifeTime.trim().split(/\s+/).map(hexOf));
  const reserve = hexOf(preEol.trim());
  const sectors = Number(stat.trim().split(/\s+/)[SECTORS_WRITTEN] ?? Number.NaN);
  return {
    // JESD84-B51, 7.4.43: tenths of the estimated life, 11 when it is exceeded; 0 is not told.
    ...(worst >= 1 && worst <= 11 ? { lifeTenths: worst } : {}),
    // 7.4.42: 2 when 80 % of the reserved blocks are used, 3 when 90 %.
    ...(reserve >= 1 && reserve <= 3 ? { reserve: RESERVES[reserve - 1] as StorageWear['reserve'] } : {}),
    ...(sectors > 0 && uptime() >= DAY_S ? { bytesADay: (sectors * SECTOR_BYTES * DAY_S) / uptime() } : {}),
  };
}

/** Of the disk that holds a file or folder. Undefined where the kernel does not say which one that is (an overlay, btrfs), and for other disks. */
export async function wearUnder(path: string, root = '/sys'): Promise<StorageWear | undefined> {
  try {
    const { dev } = await stat(path);
    // As glibc puts the two numbers into a dev_t (gnu_dev_makedev); what Node hands out has the low 32 bits of them.
    const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
    const partition = basename(await realpath(`${root}/dev/block/${major}:${minor}`));
    return await readStorageWear(`/dev/${partition}`, `${root}/block`);
  } catch {
    return undefined;
  }
}

const RESERVES = ['normal', 'low', 'nearly gone'] as const;

function hexOf(text: string): number {
  return /^0x[0-9a-f]{1,2}$/i.test(text) ? Number(text) : 0;
}
