/** The completion scripts in the shells themselves: bash is typed to in a terminal; zsh and fish, where they are installed, read theirs. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const PROGRAM = path.resolve(import.meta.dirname, '../../bin/hearthbeat.mjs');
const SHELLS = ['bash', 'zsh', 'fish'] as const;
const folder = mkdtempSync(path.join(tmpdir(), 'hearthbeat-completion-'));
const installed = (program: string) => (process.env.PATH ?? '').split(':').some((place) => existsSync(path.join(place, program)));

beforeAll(async () => {
  for (const shell of SHELLS) {
    const { stdout } = await run(process.execPath, [PROGRAM, 'completion', shell]);
    writeFileSync(path.join(folder, shell), stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(SHELLS)('%s reads its script without complaint', async (shell) => {
  if (!installed(shell)) return;
  expect(await run(shell, ['-n', path.join(folder, shell)])).toEqual({ stdout: '', stderr: '' });
});

/** Types into an interactive bash whose `hearthbeat` tells what it is run with, and knows two devices. */
async function typed(keys: string): Promise<string> {
  const devices = `printf '%s\\n' 'Living Room' '$(touch evaluated)' '\`touch evaluated\`'`;
  const setup = `hearthbeat() { if [ "$1 $2" = 'completion devices' ]; then ${devices}; else printf 'RAN'; printf '<%s>' "$@"; echo; fi; }`;
  const rc = path.join(folder, 'rc');
  writeFileSync(rc, `${setup}\nsource '${path.join(folder, 'bash')}'\nbind 'set bell-style none'\n`);
  const terminal = spawn('script', ['--quiet', '--return', '--command', `bash --rcfile '${rc}' -i`, '/dev/null'], { cwd: folder });
  let shown = '';
  terminal.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text;
  });
  terminal.stdin.write(`${keys}\r`);
  setTimeout(() => terminal.stdin.write('\u0015exit\r'), 1500);
  await new Promise((resolve) => terminal.once('close', resolve));
  return shown;
}

it.each([
  ['a noun', 'hearthbeat dev\t', 'RAN<device>'],
  ['a verb of a noun', 'hearthbeat device sh\t', 'RAN<device><show>'],
  ['an option', 'hearthbeat alert list --a\t', 'RAN<alert><list><--all>'],
  ['a verb of a verb', 'hearthbeat silence li\t', 'RAN<silence><list>'],
  ['the device of a verb that has verbs', 'hearthbeat silence Liv\t', 'RAN<silence><Living Room>'],
  ['the name of a device', 'hearthbeat why Liv\t', 'RAN<why><Living Room>'],
])('bash completes %s', async (_, keys, expected) => {
  expect(await typed(keys)).toContain(expected);
});

it('bash never runs what the name of a device says', async () => {
  expect(await typed('hearthbeat device show \t\t')).toContain('touch');
  expect(existsSync(path.join(folder, 'evaluated'))).toBe(false);
});

it('a shell nobody knows is refused with those that are known', async () => {
  await expect(run(process.execPath, [PROGRAM, 'completion', 'tcsh'])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('bash, zsh, fish'),
  });
});
