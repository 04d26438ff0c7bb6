import { expect, it } from 'vitest';
import { DHCP, DNS_NAME, groupReadersFor } from '../../../src/agent/evidence/group-readers.ts';
import { IDENTIFY_DEFAULTS } from '../../../src/agent/evidence/identify-settings.ts';
import { readersFor } from '../../../src/agent/evidence/readers.ts';
import { READER_NAMES } from '../../../src/config/reader-names.ts';
import { seededRandom } from '../../../src/simulation/seeded-random.ts';

const namesWith = (off: readonly string[]): string[] => {
  const settings = { ...IDENTIFY_DEFAULTS, off };
  return [...readersFor(settings, seededRandom(1)), ...groupReadersFor(settings)].map(({ name }) => name);
};

it('every reader has a name of its own in the settings, and no name there is without a reader', () => {
  const names = [...namesWith([]), DHCP, DNS_NAME];
  expect(names.toSorted()).toEqual([...new Set(READER_NAMES)].toSorted());
});

it('what is turned off asks nobody', () => {
  for (const name of READER_NAMES) expect(namesWith([name])).not.toContain(name);
  expect(namesWith(READER_NAMES)).toEqual([]);
});
