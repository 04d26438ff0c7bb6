import { describe, expect, it } from 'vitest';
import { HUB_ID } from '../../../../src/base/ids.ts';
import { BLANKS, filledIn, type Known } from '../../../../src/desk/playbooks/blanks.ts';
import { fillPlaybook, plainWords, unfilledPlaybook } from '../../../../src/desk/playbooks/fill.ts';
import { createLibrary } from '../../../../src/desk/playbooks/library.ts';
import { type Playbook, readPlaybook } from '../../../../src/desk/playbooks/playbook.ts';
import type { AlertView, DeviceView, SiteView } from '../../../../src/desk/views.ts';

const BODY =
  'It is away.\n\n## Look first\n\n1. Since {since}.\n\n## Never\n\n- Nothing.\n\n## Hand over\n\n- {device}.\n\n## Over when\n\n- It is over.\n';

function written(where: string, body = BODY, more = ''): string {
  return `---\ntitle: A title\nfor: {${where}}\ntier: basic\nread: 2026-11-23\n${more}---\n${body}`;
}

function problemsOf(text: string, name = 'some-name'): string[] {
  const read = readPlaybook(name, text, 'own');
  return read.ok ? [] : read.error.map(({ line, message }) => `${line}: ${message}`);
}

function good(text: string, name = 'some-name'): Playbook {
  const read = readPlaybook(name, text, 'own');
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

describe('a playbook', () => {
  it('is read with what it is for and its parts', () => {
    const playbook = good(written('alerts: [device-down], kinds: [nas]'));
    expect(playbook).toMatchObject({
      name: 'some-name',
      from: 'own',
      title: 'A title',
      alerts: ['device-down'],
      kinds: ['nas'],
      tier: 'basic',
    });
    expect(playbook.parts.map(({ name, items }) => [name, items.length])).toEqual([
      ['Look first', 1],
      ['Never', 1],
      ['Hand over', 1],
      ['Over when', 1],
    ]);
  });

  it('tells every problem at once, each with its line in the file', () => {
    const body =
      '## Look first\n\nwords\n\n1. {divice} <b>\n\n## Ask the client\n\n1. "Why?"\n\n## Elsewhere\n\n## Look first\n\n## Never\n';
    const text = `---\ntitle: ''\nfor: {alerts: [no-such-alert]}\ntier: gold\nread: yesterday\nextra: 1\n---\n${body}`;
    expect(problemsOf(text)).toEqual([
      '1: the part "## Hand over" is missing',
      '1: the part "## Over when" is missing',
      '2: title: a title is missing',
      '2: the head: Unrecognized key: "extra"',
      '3: for.alerts.0: no alert has this code',
      '4: tier: basic or advanced',
      '5: read: a day such as 2026-11-23',
      '8: the first words say in one sentence what the alert means',
      '10: below a heading stand lists only: make it a step',
      '12: HTML is not taken: write words',
      expect.stringMatching(/^12: \{divice\} cannot be filled in; there are device, /),
      '16: say below the question what each answer means',
      '18: there is no part "Elsewhere"; there are Look first, From afar, Ask the client, Never, Hand over, Over when, Technical',
      '20: the part "Look first" stands here a second time',
      '20: nothing stands below "Look first"',
      '22: nothing stands below "Never"',
    ]);
  });

  it.each([
    ['no head', 'words', '1: it does not begin with "---"'],
    ['a head that is no YAML', '---\n: [\n---\nx', '2: '],
    ['a head of aliases', `---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n---\n${BODY}`, 'the head: '],
    ['no alert and no kind', written(''), '3: for: names neither an alert nor a kind'],
    [
      'a source that is a script',
      written('alerts: [device-down]', BODY, 'sources: [{title: x, url: "javascript:alert(1)"}]\n'),
      '6: sources.0.url: an https address',
    ],
    [
      'a blank that there is not',
      written('alerts: [device-down]', BODY.replace('{since}', '{constructor}')),
      '{constructor} cannot be filled in',
    ],
    ['a megabyte', written('alerts: [device-down]', 'x'.repeat(1_000_000)), '1: the file is larger than 64 KiB'],
  ])('with %s is refused', (_, text, problem) => {
    expect(problemsOf(text).join('\n')).toContain(problem);
  });

  it('is refused where its name could lead elsewhere', () => {
    expect(problemsOf(written('alerts: [device-down]'), '../x')).toEqual([
      '1: its name holds more than small letters, digits and single hyphens',
    ]);
  });
});

describe('a library of playbooks', () => {
  const file = (name: string, where: string) => ({ file: `${name}.md`, text: written(where) });
  const builtIn = [
    file('down', 'alerts: [device-down]'),
    file('down-nas', 'alerts: [device-down], kinds: [nas, server]'),
    file('any-ups', 'kinds: [ups]'),
    file('internet', 'alerts: [internet-down]'),
  ];

  it('takes what is for alert and kind before what is for the alert, and that before what is for the kind', () => {
    const { pick } = createLibrary(builtIn, []);
    expect(pick('device-down', 'nas')?.name).toBe('down-nas');
    expect(pick('device-down', 'ups')?.name).toBe('down');
    expect(pick('device-down', undefined)?.name).toBe('down');
    expect(pick('battery-due', 'ups')?.name).toBe('any-ups');
    expect(pick('battery-due', 'nas')).toBeUndefined();
  });

  it('lets an own one win by its name, and where it is for the same', () => {
    const { pick, named, playbooks } = createLibrary(builtIn, [
      file('internet', 'alerts: [internet-down, dns-down]'),
      file('zz-our-nas', 'alerts: [device-down], kinds: [nas]'),
    ]);
    expect(named('internet')).toMatchObject({ from: 'own', alerts: ['internet-down', 'dns-down'] });
    expect(pick('dns-down', undefined)?.name).toBe('internet');
    expect(pick('device-down', 'nas')?.name).toBe('zz-our-nas');
    expect(pick('device-down', 'server')?.name).toBe('down-nas');
    expect(playbooks.filter(({ name }) => name === 'internet')).toHaveLength(1);
  });

  it('goes on with what comes along where an own file is wrong, and says what is wrong with it', () => {
    const { pick, problems } = createLibrary(builtIn, [
      { file: 'internet.md', text: 'nothing' },
      file('teapots', 'alerts: [device-down], kinds: [teapot]'),
      file('never', 'kinds: [nas], alerts: []'),
      file('hidden', 'kinds: [ups, nas]'),
    ]);
    expect(pick('internet-down', undefined)?.from).toBe('hearthbeat');
    expect(problems.map(({ file: name, line, message }) => `${name}:${line}: ${message.slice(0, 40)}`)).toEqual([
      'internet.md:1: it does not begin with "---", its title ',
      'teapots.md:1: no device is of the kind "teapot": it is',
      'never.md:1: it is never shown: others are nearer to ',
    ]);
  });
});

describe('what is filled in', () => {
  const alert: AlertView = {
    site: 's'.repeat(26),
    siteName: 'Lindgren **home**',
    key: 'device-down:x',
    code: 'device-down',
    severity: 'error',
    title: 'x',
    text: 'x',
    raisedAt: 1_000_000,
    raisedHubAt: 1_000_000,
    actionableAt: 1_000_000,
    held: false,
    evidence: {
      attempts: [],
      lastAnswerAt: { icmp: 900_000, arp: 950_000 },
      hub: { link: true, gateway: 'up', othersAnswering: 7, eventLoopLagMs: 1 },
    },
    raisedBy: 'hub',
    receivedAt: 1_000_000,
    late: false,
    stale: false,
  };
  const device = {
    id: 'x',
    name: '{since} <b>[x](javascript:alert(1))</b>\u202e',
    vendor: 'Synology',
    model: 'Synology DS923+',
    ips: ['192.0.2.1'],
    macs: [],
    reason: 'No answer to 7 questions. The hub hears 2 other devices.',
    state: 'down',
  } as unknown as DeviceView;
  const site = { gateway: 'up', internet: 'down', presence: { phase: 'online', since: 0, lastSeenAt: 990_000 } } as unknown as SiteView;
  const text = (name: string, known: Known): string => filledIn(name, known).text;

  it('comes from the alert, its device and its home', () => {
    const known = { alert, device, site };
    expect(filledIn('since', known)).toEqual({ text: '1970-01-01 00:16 UTC', known: true, at: 1_000_000 });
    expect(filledIn('last answer', known).at).toBe(950_000);
    expect(text('maker and model', known)).toBe('Synology DS923+');
    expect(text('ip', known)).toBe('192.0.2.1');
    expect(text('others answering', known)).toBe('7');
    expect(text('internet', known)).toBe('does not answer');
    expect(text('what explains it', known)).toBe('No answer to 7 questions. The hub hears 2 other devices');
    expect(text('what explains it', { ...known, site: { ...site, gateway: 'down' } })).toBe(
      'the router of this home does not answer either',
    );
    expect(text('device', { alert: { ...alert, device: HUB_ID } })).toBe('the hub');
  });

  it('says what is not known, and leaves no braces', () => {
    for (const name of [...BLANKS, 'constructor', 'no such blank']) {
      const value = filledIn(name, { alert: { ...alert, evidence: undefined, raisedBetween: { to: 5 } } });
      expect(value.text).toMatch(/^[^{}]+$/);
      expect(value.known, name).toBe(name === 'home');
    }
  });

  it('stays text, whatever a device calls itself', () => {
    const playbook = good(written('alerts: [device-down]'));
    const { parts } = fillPlaybook(playbook, { alert, device, site });
    const told = parts.find(({ name }) => name === 'Hand over')?.steps[0]?.words;
    expect(told).toEqual([
      { type: 'value', name: 'device', text: '{since} <b>[x](javascript:alert(1))</b>', known: true },
      { type: 'text', text: '.' },
    ]);
    expect(plainWords(told ?? [])).toBe('{since} <b>[x](javascript:alert(1))</b>.');
  });

  it('names the blanks where there is no alert yet', () => {
    const { parts } = unfilledPlaybook(good(written('alerts: [device-down]')));
    expect(parts[0]?.steps[0]?.words[1]).toEqual({ type: 'value', name: 'since', text: 'since', known: false });
  });
});
