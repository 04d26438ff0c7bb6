import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newSortedTable } from '../../../../src/agent/inventory/sorted-table.ts';

it('a sorted table answers as a map of the same entries', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.string())), fc.array(key), (entries, asked) => {
      const [table, map] = [newSortedTable(entries), new Map(entries)];
      expect([...table.keys()]).toEqual([...map.keys()].sort());
      for (const one of [...asked, ...map.keys()]) expect([table.get(one), table.has(one)]).toEqual([map.get(one), map.has(one)]);
    }),
  );
});
