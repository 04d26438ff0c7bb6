// A vitest reporter that writes what really ran to the file named by TALLY_FILE: scripts/test.ts prints it as the last line.
// A file that cannot be loaded and an error outside any test count as failures: both would otherwise leave all counted tests green.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, but for errors outside any test. */
  failures: Failure[];
}

export interface Failure {
  /** Path of the file. */
  readonly file: string;
  /** Of the test, or of the group of tests where a hook failed, with the names of what it is in; of a file it is empty. */
  readonly name: string;
  readonly project: string;
}

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: unhandledErrors.length, skipped: 0, failures: [] };
    for (const module of modules) {
      const count = (name: string): void => {
        tally.failed++;
        tally.failures.push({ file: module.moduleId, name, project: module.project.name });
      };
      if (module.errors().length > 0) count('');
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'skipped') tally[state]++;
        else count(test.fullName);
      }
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count(suite.fullName);
    }
    if (process.env.TALLY_FILE) writeFileSync(process.env.TALLY_FILE, JSON.stringify(tally));
  }
}
