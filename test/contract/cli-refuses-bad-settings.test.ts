import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { CAN_BE_NOBODY, workplace } from '../fakes/command.ts';
import { expectRefusal, refusalDocument } from '../fakes/expect-refusal.ts';

const TIMEOUT_MS = 60_000;
const MEND = /Mend the file and run: hearthbeat config check --config \S+/;

const BAD_FILES: Record<string, { content: string | Buffer; says: RegExp }> = {
  'a bracket that is never closed': { content: 'uplink:\n  brokers: [mqtt://h:1\nlog: info\n', says: /line 3: .*\]/ },
  'a tab as indentation': { content: 'site:\n\tname: x\n', says: /line 2: Tabs are not allowed/ },
  'a setting given twice': { content: 'log: info\nlog: warn\n', says: /line 2: this setting is given twice/ },
  'several documents': { content: 'log: info\n---\nlog: warn\n', says: /remove the line "---"/ },
  'an alias without an anchor': { content: 'site: *nope\n', says: /line 1: .*alias \*nope/ },
  'an alias to itself': { content: 'site: &s\n  name: x\n  more: *s\n', says: /line 3: .*alias \*s/ },
  'aliases that blow up': {
    content: Array.from(
      { length: 9 },
      (_, i) =>
        `k${i}: &a${i} [${
          i === 0
            ? 'x'
            : Array(9)
                .fill(`*a${i - 1}`)
                .join(', ')
        }]\n`,
    ).join(''),
    says: /has \d+ problems:\n {2}line 2: .*alias \*a0/,
  },
  'a list in place of settings': { content: '- a\n- b\n', says: /must be a section/ },
  'a word in place of settings': { content: 'hello\n', says: /must be a section/ },
  'a section that is a number': { content: 'lan: 3\n', says: /line 1: lan: must be a section/ },
  'bytes that are no text': { content: Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 7919) % 256)), says: /problem/ },
  'a megabyte': { content: `# ${'x'.repeat(1 << 20)}`, says: /larger than 256 KiB/ },
  'a nest of ten thousand brackets': { content: `site: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, says: /nested too deeply/ },
  'the names of JavaScript': { content: '__proto__:\n  a: 1\nconstructor: 1\n', says: /line 1: __proto__: unknown setting/ },
  'an address that is none': {
    content: 'uplink:\n  brokers: ["mqtt://h:99999"]\n',
    says: /line 2: uplink\.brokers\.0: must be a broker address/,
  },
};

describe.concurrent('a settings file that is wrong is refused in one error', { timeout: TIMEOUT_MS }, () => {
  it.for(Object.entries(BAD_FILES))('with %s', async ([, { content, says }], { expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const file = place.file('hearthbeat.yaml', content);
    const outcome = await place.run(['config', 'check', '--config', file]);
    expectRefusal(outcome, { says, fix: MEND, exit: 2 }, expect);
    expect(outcome.stderr.length).toBeLessThan(4_000);
  });

  it.for([
    'agent',
    'desk',
    'up',
    'status',
    'device list',
    'device show tv',
    'why tv',
    'alert list',
    'alert ack 1',
    'silence list',
    'maintenance',
  ])('by hearthbeat %s as well, which leaves nothing behind', async (verb, { expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const file = place.file('hearthbeat.yaml', 'logg: info\nlan:\n  large: maybe\n');
    const outcome = await place.run([...verb.split(' '), '--json', '--config', file, '--data', join(place.folder, 'data')]);
    const says = /has 2 problems:\n {2}line 1: logg: unknown setting; did you mean "log"\?\n {2}line 3: lan\.large: must be true or false/;
    expectRefusal(outcome, { says, fix: MEND, exit: 2 }, expect);
    expect(refusalDocument(outcome)).toMatchObject({ code: 'HB_CONFIG_INVALID', message: expect.stringMatching(says) });
    expect((await place.run(['status', '--data', join(place.folder, 'data')])).stderr).toContain('No agent has ever run');
  });

  it('with --json as a list of its problems', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const file = place.file('hearthbeat.yaml', 'desk:\n  page:\n    port: 0\n    prot: 1\n');
    const outcome = await place.run(['config', 'check', '--json', '--config', file]);
    expect(outcome).toMatchObject({ code: 2, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toEqual({
      ok: false,
      file,
      problems: [
        { path: 'desk.page.port', line: 3, message: 'must be at least 1' },
        { path: 'desk.page.prot', line: 4, message: 'unknown setting; did you mean "port"?' },
      ],
    });
  });
});

const GOOD_FILES: Record<string, string> = {
  nothing: '',
  'only a comment': '# later\n',
  'a byte order mark and Windows line ends': '\uFEFFlog: warn\r\nsite:\r\n  name: "Hütte"\r\n',
  'headings with everything below them commented out': 'site:\nuplink:\n  brokers:\n    # - mqtt://192.168.1.5\ndesk:\n',
};

describe.concurrent('a settings file is fine', { timeout: TIMEOUT_MS }, () => {
  it.for(Object.entries(GOOD_FILES))('with %s', async ([, content], { expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const outcome = await place.run(['config', 'check', '--config', place.file('hearthbeat.yaml', content)]);
    expect(outcome).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('hearthbeat.yaml is fine.') });
  });
});

describe.concurrent('a settings file that cannot be read is named', { timeout: TIMEOUT_MS }, () => {
  const fix = /Give the right path of the configuration file/;

  it('when it is not there', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    expectRefusal(await place.run(['status', '-c', 'no.yaml']), { says: /no\.yaml does not exist/, fix, exit: 2 }, expect);
  });

  it('when the environment names it', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const outcome = await place.run(['status'], { env: { HEARTHBEAT_CONFIG: 'no.yaml' } });
    expectRefusal(outcome, { says: /no\.yaml does not exist/, fix, exit: 2 }, expect);
  });

  it('when it is a folder', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    mkdirSync(join(place.folder, 'dir.yaml'));
    expectRefusal(await place.run(['agent', '-c', 'dir.yaml']), { says: /dir\.yaml is a folder/, fix, exit: 2 }, expect);
  });

  it.skipIf(!CAN_BE_NOBODY)('when this user may not read it', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    mkdirSync(join(place.folder, 'secret'), { mode: 0o700 });
    const file = place.file('secret/hearthbeat.yaml', '');
    const outcome = await place.run(['up', '-c', file], { asNobody: true });
    expectRefusal(outcome, { says: /may not be read by this user/, fix, exit: 2 }, expect);
  });

  it('and so is a password file or a certificate file', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const file = place.file('a.yaml', `uplink:\n  brokers: [mqtt://127.0.0.1:9]\n  passwordFile: ${place.folder}/none\n`);
    const other = place.file('b.yaml', `uplink:\n  brokers: [mqtts://127.0.0.1:9]\n  caFile: ${file}\n`);
    const data = join(place.folder, 'data');
    expectRefusal(
      await place.run(['agent', '-c', file, '-d', data]),
      { says: /password file .*none does not exist/, fix: /password file/, exit: 2 },
      expect,
    );
    expectRefusal(
      await place.run(['agent', '-c', other, '-d', data]),
      { says: /holds no certificate/, fix: /BEGIN CERTIFICATE/, exit: 2 },
      expect,
    );
  });
});
