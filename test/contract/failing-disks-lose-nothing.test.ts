import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { type DiskFault, playDiskFaults } from '../storage/disk-faults.ts';
import { HAS_COMPILER } from '../storage/preload.ts';

/** Of some hundred calls; `npm run bench:power-cuts` lets each of them fail. */
const SOME = { seed: '1', commits: 30, stride: 41 };

const FAULTS: readonly DiskFault[] = [
  { fails: 'sync', error: 'EIO', lasting: 'once' },
  { fails: 'sync', error: 'EIO', lasting: 'ever' },
  { fails: 'write', error: 'EIO', lasting: 'once' },
  { fails: 'write', error: 'EROFS', lasting: 'ever' },
  { fails: 'write', error: 'ENOSPC', lasting: 'ever' },
];

describe.skipIf(!HAS_COMPILER)('a disk that fails at one call or another', { timeout: 120_000 }, () => {
  it.for(FAULTS)(
    '($error at a $fails, $lasting) ends the work with a clear error or not at all, and nothing committed is lost',
    (fault) => {
      const stride = fault.fails === 'sync' ? 5 : SOME.stride;
      const points = playDiskFaults(temporaryFolder(), fault, { ...SOME, stride });
      expect(points.length).toBeGreaterThan(5);
      expect(points.filter(({ broken }) => broken.length > 0)).toEqual([]);
      expect(points.map(({ ended }) => ended).filter((ended) => !/^HB_|^went on$/.test(ended))).toEqual([]);
    },
  );

  it('for want of space is to be tried again, and for no other reason', () => {
    const ends = (fault: DiskFault): string[] =>
      playDiskFaults(temporaryFolder(), fault, { ...SOME, stride: 97 }).map(({ ended }) => ended);
    expect(ends({ fails: 'write', error: 'ENOSPC', lasting: 'ever' })).toContain('HB_DATA_FOLDER, to be tried again');
    expect(ends({ fails: 'write', error: 'EIO', lasting: 'ever' })).toContain('HB_DATABASE_DAMAGED');
  });
});
