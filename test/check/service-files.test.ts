import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const CONFIG = join(import.meta.dirname, '../../config');
/** Exposure out of 100, as systemd counts it; measured 18 and 11 with systemd 252. */
const HIGHEST_EXPOSURE = 25;

describe.skipIf(!hasSystemdAnalyze()).each(['agent', 'desk'])('hearthbeat-%s.service', (part) => {
  it('is understood by systemd and gives little away', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearthbeat-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, `hearthbeat-${part}.service`);
    const unit = readFileSync(join(CONFIG, `hearthbeat-${part}.service`), 'utf8');
    expect(unit).toContain(`ExecStart=/usr/local/bin/hearthbeat ${part}\n`);
    // The command is not installed where this is tested.
    writeFileSync(file, unit.replace('/usr/local/bin/hearthbeat', process.execPath));
    expect(analyze(['verify', '--man=no', file])).toBe('');
    expect(() => analyze(['security', '--offline=true', `--threshold=${HIGHEST_EXPOSURE}`, '--no-pager', file])).not.toThrow();
  });
});

it('has the agent started again when it ends, hangs or grows, for ever', () => {
  const lines = readFileSync(join(CONFIG, 'hearthbeat-agent.service'), 'utf8').split('\n');
  const wanted = ['Type=notify', 'NotifyAccess=all', 'WatchdogSec=30', 'Restart=always', 'StartLimitIntervalSec=0', 'MemoryMax=192M'];
  expect(wanted.filter((line) => !lines.includes(line))).toEqual([]);
});

function analyze(args: string[]): string {
  return execFileSync('sh', ['-c', 'exec systemd-analyze "$@" 2>&1', 'sh', ...args], { encoding: 'utf8' });
}

function hasSystemdAnalyze(): boolean {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
