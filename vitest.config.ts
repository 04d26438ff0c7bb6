// Which tests exist and how each kind runs. `npm test` (scripts/test.ts) decides which kinds this machine can run.
// isolate: false shares the module graph between files of one worker: 5 times faster, and allowed because no test
// mocks a module and no module of ours keeps state (there are no singletons).
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, first: begun last it would be waited for alone. A fresh clone knows no durations, and goes by the size of files. */
const LONGEST = [
  'whole-path',
  'whole-path-patience',
  'what-nears-its-end-is-said',
  'nothing-is-lost-when-processes-are-killed',
  'a-broker-that-says-nothing-is-left',
  'desk-page',
  'people-come-in',
  'everybody-can-use-the-page',
  'the-house-is-shown-on-a-broker',
  'cli-refuses-bad-data',
  'the-journal-tells-what-was-asked',
  'hubs-come-back-to-their-broker-one-by-one',
  'an-agent-stops-in-time',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

const TIMED_LABS = ['first-inventory', 'hostile', 'network-probe', 'network-sweep', 'scan'].map((name) => `test/lab/${name}.test.ts`);

export default defineConfig({
  test: {
    isolate: false,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    // On a machine with other work on both cores scenarios of a day took more than 20 s, and property tests more than 5.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      // Three at once on two cores: half of their time they wait for a broker, a connection or a process. A fourth makes each slower, and the whole no faster.
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'], maxWorkers: 3 } },
      { extends: true, test: { name: 'scenario', include: ['test/scenario/**/*.test.ts'], maxWorkers: 3, testTimeout: 60_000 } },
      {
        extends: true,
        test: { name: 'web', include: ['test/web/**/*.test.ts'], maxWorkers: 3, testTimeout: 60_000, hookTimeout: 120_000 },
      },
      // These start processes, so they come beside home LANs in which nothing is timed: those mostly wait.
      { extends: true, test: { name: 'check', include: ['test/check/**/*.test.ts'], ...after(3, 3), testTimeout: 120_000 } },
      // A home LAN has the machine to itself, one file at a time, where its test says how soon something must be.
      { extends: true, test: { name: 'lab', include: TIMED_LABS, ...after(2, 1), testTimeout: 180_000 } },
      {
        extends: true,
        test: { name: 'lab-pairs', include: ['test/lab/*.test.ts'], exclude: TIMED_LABS, ...after(3, 3), testTimeout: 180_000 },
      },
      { extends: true, test: { name: 'long', include: ['test/lab/long/*.test.ts'], ...after(4, 1), testTimeout: 180_000 } },
    ],
  },
});

function after(groupOrder: number, maxWorkers: number) {
  return { pool: 'forks' as const, maxWorkers, sequence: { groupOrder }, hookTimeout: 120_000 };
}
