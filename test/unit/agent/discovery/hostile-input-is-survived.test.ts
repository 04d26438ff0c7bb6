/** A short run of `npm run fuzz` for each parser; HEARTHBEAT_FUZZ sets how many inputs, HEARTHBEAT_SEED repeats a run. */
import { expect, test } from 'vitest';
import { fuzz } from '../../../fuzz/run.ts';
import { FUZZ_TARGETS } from '../../../fuzz/targets.ts';

const INPUTS = Number(process.env.HEARTHBEAT_FUZZ ?? 10_000);
const SEED = process.env.HEARTHBEAT_SEED ?? '1';

test.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))(
  '%s survives broken input and keeps clean text only',
  (_name, target) => {
    const report = fuzz(target, INPUTS, SEED);
    expect(report.failure).toBeUndefined();
    expect(report.taken, 'inputs that were taken for real').toBeGreaterThan(INPUTS / 1000);
  },
);
