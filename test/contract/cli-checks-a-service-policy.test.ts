/** `hearthbeat policy`, and a desk that is given a policy: what is wrong is told at once, and nothing starts with half of it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { workplace } from '../fakes/command.ts';

const EXAMPLE = readFileSync(new URL('../../config/service.example.yaml', import.meta.url), 'utf8');
const BAD = 'version: "1"\nsince: soon\nplans:\n  basic: {firstAnswer: {within: never}}\nstandardPlan: bsic\n';
const TIMEOUT_MS = 60_000;

describe('hearthbeat policy', () => {
  it('check says what a file promises, or every problem with its line', { timeout: TIMEOUT_MS }, async () => {
    const place = workplace(onTestFinished);
    const fine = await place.run(['policy', 'check', place.file('service.yaml', EXAMPLE)]);
    expect(fine).toMatchObject({ code: 0, complaints: [] });
    expect(fine.stdout).toContain('is fine: version 2026-12, since 2026-12-01. 1 home is named, all others have the plan none.');
    expect(fine.stdout).toContain('first answer within 10 min, warned after 5 min, at any hour');
    expect(fine.stdout).toContain(
      'asked next   after 10 min second desk; after 20 min desk lead; after 45 min dealer on call (critical, at any hour, where that may be billed)',
    );
    const bad = await place.run(['policy', 'check', place.file('bad.yaml', BAD)]);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(
      /bad\.yaml has 3 problems:\n {2}line 2: since: .*\n {2}line 4: plans\.basic\.firstAnswer\.within: .*\n {2}line 5: standardPlan: .*did you mean "basic"/,
    );
    expect(bad.stderr).toMatch(/Mend the file and run: hearthbeat policy check \S+bad\.yaml/);
    const told = await place.run(['--json', 'policy', 'check', join(place.folder, 'bad.yaml')]);
    expect(told.code).toBe(2);
    expect(JSON.parse(told.stdout)).toMatchObject({ ok: false, problems: [{ path: 'since', line: 2 }, { line: 4 }, { line: 5 }] });
    expect(await place.run(['policy', 'check', join(place.folder, 'none.yaml')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not exist'),
    });
  });

  it('diff says what changes, and wants another version for it', { timeout: TIMEOUT_MS }, async () => {
    const place = workplace(onTestFinished);
    const old = place.file('old.yaml', EXAMPLE);
    const same = await place.run(['policy', 'diff', old, old]);
    expect(same).toMatchObject({ code: 0, stdout: 'Version 2026-12 promises what version 2026-12 does.\n', complaints: [] });
    const changed = EXAMPLE.replace('within: 10min, warnShare: 0.5', 'within: 15min, warnShare: 0.5');
    const unnamed = await place.run(['policy', 'diff', old, place.file('unnamed.yaml', changed)]);
    expect(unnamed.code).toBe(1);
    expect(unnamed.stdout).toContain('  plan priority: first answer: within 15 min (was within 10 min)\n');
    expect(unnamed.complaints).toEqual(['hearthbeat: It changes, and both are version "2026-12": give the new one another.']);
    const named = place.file('named.yaml', changed.replace('version: "2026-12"', 'version: "2027-01"'));
    expect(await place.run(['policy', 'diff', old, named])).toMatchObject({ code: 0, complaints: [] });
    const told = await place.run(['--json', 'policy', 'diff', old, named]);
    expect(JSON.parse(told.stdout)).toMatchObject({
      ok: true,
      to: { version: '2027-01' },
      changes: [
        { what: 'plan priority', part: 'first answer', before: 'within 10 min', after: 'within 15 min' },
        { what: 'plan priority', part: 'first answer, warned' },
      ],
      problem: null,
    });
  });
});

it.each(['desk', 'up', 'config check'])('%s refuses a bad policy with all that is wrong with it', { timeout: TIMEOUT_MS }, async (verb) => {
  const place = workplace(onTestFinished);
  const config = place.file('hearthbeat.yaml', `desk: {service: ${place.file('service.yaml', BAD)}}\n`);
  const data = join(place.folder, 'data');
  const refused = await place.run(['--config', config, '--data', data, ...verb.split(' ')]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('service.yaml has 3 problems:');
  expect(existsSync(data)).toBe(false);
});
