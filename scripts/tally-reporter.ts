// A vitest reporter that writes what really ran to the file named by TALLY_FILE: scripts/test.ts prints it as the last line.
// A file that cannot be loaded and an error outside any test count as failures: both would otherwise leave all counted tests green.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) tally.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') tally[state]++;
        else tally.failed++;
      }
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) tally.failed++;
    }
    if (process.env.TALLY_FILE) writeFileSync(process.env.TALLY_FILE, JSON.stringify(tally));
  }
}
