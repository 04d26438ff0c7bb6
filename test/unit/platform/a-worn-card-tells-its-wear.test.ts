import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStorageWear, wearUnder } from '../../../src/platform/storage-wear.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

/** As the kernel shows them of an eMMC of a Compute Module. */
function kernelFiles(lifeTime: string, preEol: string): string {
  const root = temporaryFolder();
  const device = join(root, 'mmcblk0', 'device');
  mkdirSync(device, { recursive: true });
  writeFileSync(join(device, 'life_time'), `${lifeTime}\n`);
  writeFileSync(join(device, 'pre_eol_info'), `${preEol}\n`);
  writeFileSync(
    join(root, 'mmcblk0', 'stat'),
    '  48103    13120  4204342   189230   913372   845120 26214400  9183746        0  1002188  9372977\n',
  );
  return root;
}

describe('the wear of a memory card', () => {
  it('is the worse of its two estimates, and what is left of its spare blocks', async () => {
    expect(await readStorageWear('/dev/mmcblk0p2', kernelFiles('0x02 0x09', '0x01'))).toMatchObject({ lifeTenths: 9, reserve: 'normal' });
    expect(await readStorageWear('/dev/mmcblk0p2', kernelFiles('0x0b 0x01', '0x03'))).toMatchObject({
      lifeTenths: 11,
      reserve: 'nearly gone',
    });
  });

  it('is not told by a card that does not know it, nor by another disk', async () => {
    const unknown = await readStorageWear('/dev/mmcblk0p2', kernelFiles('0x00 0x00', '0x00'));
    expect(unknown).not.toHaveProperty('lifeTenths');
    expect(unknown).not.toHaveProperty('reserve');
    const nonsense = await readStorageWear('/dev/mmcblk0p2', kernelFiles('0xff bad', ''));
    expect(nonsense).not.toHaveProperty('lifeTenths');
    expect(await readStorageWear('/dev/sda1')).toBeUndefined();
    expect(await readStorageWear('/dev/mmcblk7p1', temporaryFolder())).toEqual({});
  });
});

describe('the storage under a folder', () => {
  it('is found by the number of its disk', async () => {
    const root = temporaryFolder();
    const disk = join(root, 'block', 'mmcblk0');
    mkdirSync(join(disk, 'mmcblk0p2'), { recursive: true });
    mkdirSync(join(disk, 'device'));
    writeFileSync(join(disk, 'device', 'life_time'), '0x0a 0x02\n');
    const { dev } = statSync(root);
    const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
    mkdirSync(join(root, 'dev', 'block'), { recursive: true });
    symlinkSync(join(disk, 'mmcblk0p2'), join(root, 'dev', 'block', number));
    expect(await wearUnder(root, root)).toMatchObject({ lifeTenths: 10 });
  });

  it('that the kernel names no disk of is none, and so is a folder that is not there', async () => {
    expect(await wearUnder(temporaryFolder(), temporaryFolder())).toBeUndefined();
    expect(await wearUnder('/nowhere')).toBeUndefined();
  });
});
