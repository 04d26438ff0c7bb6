import { describe, it } from 'vitest';
import { workplace } from '../fakes/command.ts';
import { expectRefusal, refusalDocument } from '../fakes/expect-refusal.ts';

const WRONG: Record<string, { says: RegExp; fix?: RegExp }> = {
  devcie: { says: /unknown command 'devcie'\n\(Did you mean device\?\)/i },
  'device lst': { says: /unknown command 'lst'\n\(Did you mean list\?\)/i },
  'status --jsno': { says: /unknown option '--jsno'\n\(Did you mean --json\?\)/i },
  'device show': { says: /missing required argument 'device'/i },
  'status now': { says: /too many arguments/i },
  'scan --seconds soon': { says: /--seconds soon is no time/, fix: /Give a number from 1 to 600/ },
  'demo --speed 0': { says: /--speed 0 is no speed/, fix: /Give a number from 1 to 1000/ },
  'device list --state dwn': { says: /no state "dwn"/, fix: /up, asleep, suspect, down/ },
  'completion tcsh': { says: /tcsh/, fix: /bash, zsh|zsh or fish/ },
};

describe.concurrent('the command line', { timeout: 60_000 }, () => {
  it.for(Object.entries(WRONG))(
    'is refused with exit code 2: hearthbeat %s',
    async ([line, { says, fix = /hearthbeat --help/ }], { expect, onTestFinished }) => {
      const place = workplace(onTestFinished);
      const outcome = await place.run([...line.split(' '), '--json']);
      expectRefusal(outcome, { says, fix, exit: 2 }, expect);
      expect(refusalDocument(outcome)).toMatchObject({ code: 'HB_USAGE', fix: expect.stringMatching(fix) });
    },
  );

  it('shows its verbs when none is given, also those of a noun', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const [alone, noun] = await Promise.all([place.run([]), place.run(['device'])]);
    expect(alone).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/scan .*\n(.*\n)*hearthbeat: What to do is missing/),
    });
    expect(noun).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/list .*\n(.*\n)*hearthbeat: What to do is missing/) });
  });

  it('gives help and version on stdout with exit code 0', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const [help, version] = await Promise.all([place.run(['--help']), place.run(['--version'])]);
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Exit codes: 0 fine') });
    expect(version).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('keeps stdout for the one JSON document, also where a story is told', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const demo = place.start(['demo', '--speed', '1000', '--json']);
    await demo.said('A day in a simulated home');
    demo.kill('SIGINT');
    const outcome = await demo.ended;
    expect(outcome).toMatchObject({ code: 0, complaints: [], stderr: expect.stringContaining('simulated home') });
    expect(JSON.parse(outcome.stdout)).toEqual({ page: expect.stringMatching(/^http:/), devices: 40, speed: 1000, seed: 'home' });
  });

  it('tells a mistake in the program in one line with its place, and exit code 70', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    // Nothing is known that goes wrong, so a call of the system is broken from outside: the one that looks for the settings file.
    const patch = place.file(
      'patch.mjs',
      `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
       const real = fs.existsSync;
       fs.existsSync = (path) => { if (String(path).endsWith('hearthbeat.yaml')) throw new TypeError('broken on purpose'); return real(path); };
       syncBuiltinESMExports();`,
    );
    const env = { NODE_OPTIONS: `--import=${patch}` };
    const [plain, debug] = await Promise.all([
      place.run(['status'], { env }),
      place.run(['status'], { env: { ...env, HEARTHBEAT_DEBUG: '1' } }),
    ]);
    expect(plain.code).toBe(70);
    expect(plain.stderr).toMatch(
      /^hearthbeat: A mistake in the program at src\/platform\/settings-file\.ts:\d+: broken on purpose\n {2}Run it again with HEARTHBEAT_DEBUG=1.*\n$/,
    );
    expect(debug).toMatchObject({ code: 70, stderr: expect.stringMatching(/\n {4}at .*settings-file\.ts/) });
  });
});
