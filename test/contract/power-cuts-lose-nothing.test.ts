import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { playPowerCuts } from '../storage/power-cuts.ts';
import { HAS_COMPILER } from '../storage/preload.ts';

const IMAGES = 100;

describe.skipIf(!HAS_COMPILER)('a power cut at any moment, with what was not synced lost, reordered or torn', { timeout: 120_000 }, () => {
  it('leaves a database that opens and has all that was committed', () => {
    const outcome = playPowerCuts(temporaryFolder(), { images: IMAGES, seed: '1', commits: 200 });
    expect(outcome).toMatchObject({ images: IMAGES, unopened: [], broken: [] });
    expect(outcome.syncs).toBeGreaterThan(200);
  });

  it('is noticed to cost rows where commits are not synced, so that the first test can fail', () => {
    const { broken } = playPowerCuts(temporaryFolder(), { images: IMAGES, seed: '1', commits: 200, isCareless: true });
    expect(broken.length).toBeGreaterThan(IMAGES / 10);
    expect(broken[0]?.wrong[0]).toMatch(/is lost|came back/);
  });
});

describe.skipIf(!HAS_COMPILER)('a power cut in the first moments of the first start', { timeout: 120_000 }, () => {
  it('leaves what the next start can use', () => {
    const outcomes = Array.from({ length: 3 }, (_, n) => playPowerCuts(temporaryFolder(), { images: 60, seed: `first ${n}`, commits: 1 }));
    expect(outcomes.flatMap(({ unopened, broken }) => [...unopened, ...broken])).toEqual([]);
  });
});
