import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/config/read-settings.ts';
import type { FileProblem } from '../../../src/config/read-yaml.ts';

function problemsOf(text: string): readonly FileProblem[] {
  const read = readSettings(text);
  return read.ok ? [] : read.error;
}

describe('a wrong file', () => {
  it('gets all its problems told at once, in its own order, with the lines', () => {
    const text = `log: loud
site:
  name: ""
lan:
  include: eth0
  large: 1
desk:
  page:
    port: 7380.5
    prot: 1
  broker:
    urls: [http://x]
uplink:
  heartbeatSeconds: soon
  password: a
  passwordFile: b
data: [x]
`;
    expect(problemsOf(text)).toEqual([
      { path: 'log', line: 1, message: 'must be one of debug, info, warn, error' },
      { path: 'site.name', line: 3, message: 'must be at least 1 character long' },
      { path: 'lan.include', line: 5, message: 'must be a list (- one on each line)' },
      { path: 'lan.large', line: 6, message: 'must be true or false' },
      { path: 'desk.page.port', line: 9, message: 'must be a whole number' },
      { path: 'desk.page.prot', line: 10, message: 'unknown setting; did you mean "port"?' },
      {
        path: 'desk.broker.urls.0',
        line: 12,
        message: 'must be a broker address such as mqtt://192.168.1.5:1883 or mqtts://broker.example:8883',
      },
      { path: 'uplink.heartbeatSeconds', line: 14, message: 'must be a number' },
      { path: 'uplink.passwordFile', line: 16, message: 'must be left out where password is given: one of the two' },
      { path: 'data', line: 17, message: 'must be text' },
    ]);
  });

  it.each([
    [
      'colour',
      'unknown setting; known here: site, data, log, lan, identify, unifi, watch, policy, lifecycle, backup, privacy, internet, uplink, mirror, desk',
    ],
    ['upplink', 'unknown setting; did you mean "uplink"?'],
    [
      'constructor',
      'unknown setting; known here: site, data, log, lan, identify, unifi, watch, policy, lifecycle, backup, privacy, internet, uplink, mirror, desk',
    ],
    [
      '7',
      'unknown setting; known here: site, data, log, lan, identify, unifi, watch, policy, lifecycle, backup, privacy, internet, uplink, mirror, desk',
    ],
  ])('with the unknown setting %s names what there is', (key, message) => {
    expect(problemsOf(`${key}: 1\n`)).toEqual([{ path: key, line: 1, message }]);
  });

  it('with more than twenty problems is told twenty and how many there are', () => {
    const problems = problemsOf(Array.from({ length: 50 }, (_, i) => `key${i}: 1`).join('\n'));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toEqual({ path: '', message: 'and 30 more' });
  });

  it.each(['mqtt://h', 'mqtts://broker.example:8883', 'mqtt://user@10.0.0.1:1883', 'mqtt://[fd00::5]:1883'])(
    'accepts the broker %s',
    (url) => {
      expect(problemsOf(`uplink:\n  brokers: ["${url}"]\n`)).toEqual([]);
    },
  );

  it.each(['h:1883', 'http://h', 'mqtt://', 'mqtt://h:1/topic', 'mqtt://h:70000', 'mqtt://[fd00', 'mqtt://h h'])(
    'refuses the broker %s',
    (url) => {
      expect(problemsOf(`uplink:\n  brokers: ["${url}"]\n`)).toHaveLength(1);
    },
  );

  it.each(['tcp://1.1.1.1:443', 'dns://9.9.9.9', 'tcp://[2606:4700::1111]:443'])('accepts the anchor %s', (anchor) => {
    expect(problemsOf(`internet:\n  anchors: ["${anchor}"]\n`)).toEqual([]);
  });

  it.each(['1.1.1.1', 'tcp://1.1.1.1', 'tcp://example.com:443', 'tcp://1.1.1.1:0', 'tcp://1.1.1.1:99999', 'dns://1.1.1.1:70000'])(
    'refuses the anchor %s',
    (anchor) => {
      expect(problemsOf(`internet:\n  anchors: ["${anchor}"]\n`)).toHaveLength(1);
    },
  );
});

it('everything wrong with a mirror is told at once, with what is accepted', () => {
  const topic = 'must be a topic of letters, digits, - and _, such as hearthbeat or home/hearthbeat';
  const lines = [
    'mirror:',
    '  urls: [homeassistant.local]',
    '  show: perhaps',
    '  topic: home/+/hub',
    '  discovery: /homeassistant/',
    '  broker: x',
  ];
  expect(readSettings(lines.join('\n'))).toMatchObject({
    ok: false,
    error: [
      { path: 'mirror.urls.0', line: 2, message: expect.stringMatching(/^must be a broker address such as mqtt:/) as unknown },
      { path: 'mirror.show', line: 3, message: 'must be true or false' },
      { path: 'mirror.topic', line: 4, message: topic },
      { path: 'mirror.discovery', line: 5, message: topic },
      { path: 'mirror.broker', line: 6 },
    ],
  });
});
