import { describe, expect, it } from 'vitest';
import { nutReader, parseUpsList, parseUpsVariables } from '../../../../src/agent/evidence/nut.ts';
import { parsePjlink, pjlinkReader } from '../../../../src/agent/evidence/pjlink.ts';
import type { Asker, Target } from '../../../../src/agent/evidence/reader.ts';
import { toldDay } from '../../../../src/agent/evidence/told-day.ts';
import * as said from '../../../builders/device-answers.ts';

const target = (facts: Partial<Target> = {}): Target => ({
  interface: 'eth0',
  ip: '192.168.77.41',
  openPorts: [],
  services: new Set(),
  ...facts,
});

/** Says the answer of the longest question that begins what it hears; keeps what it was sent. */
function answering(answers: Readonly<Record<string, string | Uint8Array>>) {
  const asked: string[] = [];
  const ask: Asker = {
    connects: async () => 'closed',
    datagram: async () => undefined,
    http: async () => undefined,
    certificate: async () => undefined,
    async conversation(port, { send }) {
      const words = Buffer.from(send ?? []).toString('latin1');
      asked.push(`${port} ${words}`);
      const answer = answers[words.trim()];
      return answer === undefined ? undefined : Buffer.from(answer);
    },
  };
  return { ask, asked };
}

describe('a computer with Network UPS Tools', () => {
  it('is asked for its UPSs and for what each tells, without a login', async () => {
    const { ask, asked } = answering({ 'LIST UPS': said.NUT_UPS_LIST, 'LIST VAR rack': said.NUT_VARIABLES });
    expect(await nutReader.read(target(), ask)).toEqual([
      {
        port: 3493,
        fields: {
          upsName: 'rack',
          upsVendor: 'American Power Conversion',
          upsModel: 'Back-UPS RS 1200G',
          batteryStatus: 'replace',
          batteryReplacedOn: '2001-09-25',
          batteryMadeOn: '2018-03-23',
          batteryKind: 'lead',
          batteryMinutes: '71',
          batteryChargePercent: '100',
          selfTest: 'failed',
          upsMadeOn: '2018-03-23',
        },
      },
    ]);
    expect(asked).toEqual(['3493 LIST UPS\n', '3493 LIST VAR rack\n']);
  });

  it('that lets nobody look tells nothing', async () => {
    const { ask, asked } = answering({ 'LIST UPS': 'ERR ACCESS-DENIED\n' });
    expect(await nutReader.read(target(), ask)).toEqual([]);
    expect(asked).toHaveLength(1);
    expect(parseUpsVariables(Buffer.from('ERR DATA-STALE\n'))).toBeUndefined();
  });

  it('is asked for two UPSs at most', () => {
    const many = Array.from({ length: 9 }, (_, i) => `UPS u${i} ""\n`).join('');
    expect(parseUpsList(Buffer.from(`BEGIN LIST UPS\n${many}END LIST UPS\n`))).toEqual(['u0', 'u1']);
  });

  it.each([
    ['Done and passed', 'passed'],
    ['OK - Battery GOOD', 'passed'],
    ['Done and error', 'failed'],
    ['BAD - Battery needs replacing', 'failed'],
    ['Test failed', 'failed'],
    ['Done and warning', undefined],
    ['No test initiated', undefined],
    ['In progress', undefined],
  ])('says of its self-test "%s": %s', (words, result) => {
    const reply = Buffer.from(`VAR u ups.status "OL"\nVAR u ups.test.result "${words}"\n`);
    expect(parseUpsVariables(reply)?.fields.selfTest).toBe(result);
  });

  it.each([
    ['a NAS', { kind: 'nas' }, true],
    ['what announces it', { services: new Set(['_nut._tcp']) }, true],
    ['an unknown box with ssh', { openPorts: [22] }, true],
    ['an unknown box without', {}, false],
    ['a camera with ssh', { kind: 'camera', openPorts: [22] }, false],
  ] as [string, Partial<Target>, boolean][])('may be %s: %j is asked: %s', (_, facts, applies) => {
    expect(nutReader.applies(target(facts))).toBe(applies);
  });
});

describe('a projector', () => {
  const answers = { '': 'PJLINK 0\r', '%1INF1 ?': 'PJLINK 0\r%1INF1=EPSON\r', '%1LAMP ?': 'PJLINK 0\r%1lamp=3821 0 120 0\r' };

  it('without a password tells its maker, how long its lamp has burnt, and its faults', async () => {
    expect(parsePjlink(said.PJLINK_ANSWERS)).toEqual({
      fields: { manufacturer: 'EPSON', model: 'EB-2250U', lampHours: '3821', warnings: 'filter', faults: 'lamp' },
    });
    expect(await pjlinkReader.read(target(), answering(answers).ask)).toEqual([
      { port: 4352, fields: { manufacturer: 'EPSON', lampHours: '3821' } },
    ]);
  });

  it('with a password is greeted and not asked', async () => {
    const { ask, asked } = answering({ ...answers, '': 'PJLINK 1 498e4a67\r' });
    expect(await pjlinkReader.read(target(), ask)).toEqual([]);
    expect(asked).toEqual(['4352 ']);
  });

  it.each(['%1LAMP=ERR1', '%1LAMP=ERR3', '%1LAMP=12345678 1', '%1LAMP=100', '%1ERST=ERR4', '%1ERST=9', 'PJLINK ERRA'])(
    'that answers %s has told nothing',
    (line) => expect(parsePjlink(Buffer.from(`${line}\r`))).toBeUndefined(),
  );
});

it.each([
  ['2014/08/15', '2014-08-15'],
  ['2014-08-15', '2014-08-15'],
  ['08/15/14', '2014-08-15'],
  ['08/15/2014', '2014-08-15'],
  ['25/09/2001', undefined],
  ['00/00/00', undefined],
  ['12292015', undefined],
  ['CPS', undefined],
  [undefined, undefined],
])('the day %s is %s', (text, day) => expect(toldDay(text)).toBe(day));
