import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStorageWear } from '../../../src/platform/storage-wear.ts';
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
