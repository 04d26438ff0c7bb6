import { chmodSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ran, SmallCopy } from './small-copy.ts';

const imports = "import { expect, test } from 'vitest';\n";
const green = `${imports}test('adds', () => expect(1 + 1).toBe(2));\n`;

let copy: SmallCopy;
beforeEach(() => {
  copy = SmallCopy.withTests({ 'test/unit/green.test.ts': green });
});
afterEach(() => copy.remove());

describe('npm test', () => {
  test('counts what passed and exits with 0', async () => {
    endsWith(await runTests(), '1 passed, 0 failed', 0);
  });

  test('counts a failed test', async () => {
    copy.write('test/unit/red.test.ts', `${imports}test('adds', () => expect(1 + 1).toBe(3));\n`);
    endsWith(await runTests(), '1 passed, 1 failed', 1);
  });

  test('counts a file that cannot be loaded', async () => {
    copy.write('test/unit/broken.test.ts', `${imports}import './nowhere.ts';\n`);
    endsWith(await runTests(), '1 passed, 1 failed', 1);
  });

  test('counts an error outside any test', async () => {
    copy.write('test/unit/late.test.ts', `${green}void Promise.reject(new Error('nobody waits for this'));\n`);
    endsWith(await runTests(), '2 passed, 1 failed', 1);
  });

  test('counts a hook that fails', async () => {
    copy.write(
      'test/unit/hook.test.ts',
      `${imports}import { afterAll } from 'vitest';\nafterAll(() => { throw new Error('no'); });\ntest('a', () => expect(1).toBe(1));\n`,
    );
    endsWith(await runTests(), '2 passed, 1 failed', 1);
  });

  test('counts the crash of the test runner', async () => {
    copy.write('vitest.config.ts', "throw new Error('crash');\n");
    endsWith(await runTests(), '0 passed, 1 failed', 1);
  });

  test('does not take a run without tests for a pass', async () => {
    endsWith(await runTests('test/unit/there-is-no-such-file'), '0 passed, 1 failed', 1);
  });

  describe('in CI', () => {
    const tripsOnce = `${imports}import { existsSync, writeFileSync } from 'node:fs';
test('is (once) late', () => { const came = existsSync('came'); writeFileSync('came', ''); expect(came).toBe(true); });\n`;

    test('asks what failed again, alone, and names what holds then', async () => {
      copy.write('test/unit/late.test.ts', tripsOnce);
      const ran = await runTestsInCi();
      endsWith(ran, '2 passed, 0 failed', 0);
      expect(ran.stdout).toContain('unsteady: test/unit/late.test.ts: is (once) late\n');
    });

    test('names and counts what fails twice', async () => {
      copy.write('test/unit/late.test.ts', `${tripsOnce}test('is wrong', () => expect(1).toBe(2));\n`);
      const ran = await runTestsInCi();
      endsWith(ran, '2 passed, 1 failed', 1);
      expect(ran.stdout).toContain('failed: test/unit/late.test.ts: is wrong\n');
    });

    test('asks nothing again where many fail', async () => {
      copy.write(
        'test/unit/late.test.ts',
        `${tripsOnce}for (const n of [1, 2, 3, 4, 5]) test('is wrong ' + n, () => expect(1).toBe(2));\n`,
      );
      endsWith(await runTestsInCi(), '1 passed, 6 failed', 1);
    });
  });

  test('names a skipped test', async () => {
    copy.write('test/unit/skipped.test.ts', `${imports}test.skip('later', () => expect(1).toBe(1));\n`);
    endsWith(await runTests(), '1 passed, 0 failed, 1 skipped', 0);
  });
});

describe('.ci/run', () => {
  test('passes when the checks and the tests do', async () => {
    endsWith(await runCi({ check: 'exit 0', test: 'echo "7 passed, 0 failed"' }), '7 passed, 0 failed', 0);
  });

  test('fails with the numbers of the tests', async () => {
    endsWith(await runCi({ check: 'exit 0', test: 'echo "5 passed, 2 failed, 1 skipped"; exit 1' }), '5 passed, 2 failed', 1);
  });

  test('counts failed checks as one failure', async () => {
    endsWith(await runCi({ check: 'exit 1', test: 'echo "7 passed, 0 failed"' }), '7 passed, 1 failed', 1);
  });

  test('fails when the tests end without their closing line', async () => {
    endsWith(await runCi({ check: 'exit 0', test: 'exit 137' }), '0 passed, 1 failed', 1);
  });

  test('fails when the tests say that all is well but exit with an error', async () => {
    endsWith(await runCi({ check: 'exit 0', test: 'echo "7 passed, 0 failed"; exit 1' }), '7 passed, 1 failed', 1);
  });
});

function runTests(...filters: string[]): Promise<Ran> {
  return copy.run(process.execPath, ['scripts/test.ts', '--project', 'unit', ...filters]);
}

function runTestsInCi(): Promise<Ran> {
  return copy.run(process.execPath, ['scripts/test.ts', '--project', 'unit'], { CI: 'true' });
}

/** Runs the real .ci/run with an `npm` that plays the given results. */
function runCi({ check, test: tests }: { check: string; test: string }): Promise<Ran> {
  copy.write('fake/npm', `#!/bin/bash\nif [ "$*" = test ]; then ${tests}; elif [ "$*" = "run check" ]; then ${check}; else exit 99; fi\n`);
  chmodSync(path.join(copy.folder, 'fake/npm'), 0o755);
  return copy.run('bash', ['.ci/run'], { PATH: `${copy.folder}/fake:${process.env.PATH}` });
}

function endsWith({ code, stdout, output }: Ran, line: string, exitCode: number): void {
  expect(stdout.trimEnd().split('\n').at(-1), output).toBe(line);
  expect(code).toBe(exitCode);
}
