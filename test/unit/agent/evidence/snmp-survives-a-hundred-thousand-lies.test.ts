import { expect, test } from 'vitest';
import { fuzz } from '../../../fuzz/run.ts';
import { SNMP_TARGETS } from '../../../fuzz/snmp-targets.ts';

const INPUTS = 100_000;

test.each(SNMP_TARGETS.map((target) => [target.name, target] as const))(
  'broken %s answers of real agents throw nothing, take less than 5 ms each and leave clean text',
  (_, target) => {
    const { failure, slowestMs, taken } = fuzz(target, INPUTS, process.env.HEARTHBEAT_SEED ?? '1');
    expect(failure).toBeUndefined();
    expect(slowestMs).toBeLessThan(5);
    expect(taken).toBeGreaterThan(INPUTS / 100);
  },
);
