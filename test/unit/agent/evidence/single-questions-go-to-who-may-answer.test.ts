import { describe, expect, it } from 'vitest';
import { ftpReader, sshReader, telnetReader } from '../../../../src/agent/evidence/greetings.ts';
import { ippReader } from '../../../../src/agent/evidence/ipp.ts';
import { llmnrReader } from '../../../../src/agent/evidence/llmnr.ts';
import { netbiosReader } from '../../../../src/agent/evidence/netbios.ts';
import { pjlReader } from '../../../../src/agent/evidence/pjl.ts';
import type { Asker, HttpAnswer, Reader, Target } from '../../../../src/agent/evidence/reader.ts';
import { rtspReader } from '../../../../src/agent/evidence/rtsp.ts';
import { sipReader } from '../../../../src/agent/evidence/sip.ts';
import * as said from '../../../builders/device-answers.ts';

const target = (facts: Partial<Omit<Target, 'services'>> & { services?: string[] } = {}): Target => ({
  interface: 'eth0',
  ip: '192.168.77.41',
  openPorts: [],
  ...facts,
  services: new Set(facts.services),
});

/** Answers from a list by port and first word, and keeps what was asked. */
function deviceThatAnswers(answers: Readonly<Record<string, Uint8Array | HttpAnswer>>) {
  const asked: string[] = [];
  const answerTo = (key: string): Uint8Array | HttpAnswer | undefined => {
    asked.push(key);
    return answers[key];
  };
  const words = (bytes: Uint8Array | undefined): string => /^[\w@ ]*/.exec(Buffer.from(bytes ?? []).toString('latin1'))![0].split(' ')[0]!;
  const asker: Asker = {
    connects: async () => 'closed',
    certificate: async () => undefined,
    async datagram(port, payload, options) {
      const reply = answerTo(`udp ${port} ${words(payload)}`.trim()) as Uint8Array | undefined;
      return reply && (options?.accepts?.(reply) ?? true) ? reply : undefined;
    },
    conversation: async (port, { send }) => answerTo(`tcp ${port} ${words(send)}`.trim()) as Uint8Array | undefined,
    http: async ({ port, method, path }) => answerTo(`${method} ${port} ${path}`) as HttpAnswer | undefined,
  };
  return { asker, asked };
}

const page = (status: number, body: Uint8Array = new Uint8Array()): HttpAnswer => ({ status, headers: {}, body });

describe('a question goes only where it makes sense', () => {
  it.each<[string, Reader, Target, boolean]>([
    ['PJL to a printer with an open port 9100', pjlReader, target({ kind: 'printer', openPorts: [9100] }), true],
    ['PJL to what announces a page stream', pjlReader, target({ services: ['_pdl-datastream._tcp'] }), true],
    ['PJL to an unknown device with an open port 9100, which may be anything', pjlReader, target({ openPorts: [9100] }), false],
    ['PJL to a printer without that port', pjlReader, target({ kind: 'printer', openPorts: [631] }), false],
    ['IPP to what announces it', ippReader, target({ services: ['_ipp._tcp'] }), true],
    ['IPP to a speaker', ippReader, target({ kind: 'speaker', openPorts: [1400] }), false],
    ['NetBIOS to who shows nothing', netbiosReader, target(), true],
    ['NetBIOS to a lamp', netbiosReader, target({ kind: 'light' }), false],
    ['LLMNR to a machine that shares files', llmnrReader, target({ openPorts: [445] }), true],
    ['LLMNR to who shows nothing', llmnrReader, target(), false],
    ['LLMNR to an IPv6 address', llmnrReader, target({ ip: 'fe80::1', openPorts: [445] }), false],
    ['RTSP to an open port', rtspReader, target({ openPorts: [554] }), true],
    ['RTSP to a camera without one', rtspReader, target({ kind: 'camera', openPorts: [80] }), false],
    ['SIP to a door station', sipReader, target({ kind: 'doorbell' }), true],
    ['SIP to what Yealink made', sipReader, target({ vendor: 'Yealink' }), true],
    ['SIP to what Polyworks made', sipReader, target({ vendor: 'Polyworks' }), false],
    ['SSH to an open port', sshReader, target({ openPorts: [22] }), true],
    ['FTP to a closed port', ftpReader, target({ openPorts: [22] }), false],
    ['telnet to a closed port', telnetReader, target({ openPorts: [22] }), false],
  ])('%s', (_, reader, device, applies) => expect(reader.applies(device)).toBe(applies));
});

describe('a reader', () => {
  it('asks a printer at the next path only when it is not at the first', async () => {
    const older = deviceThatAnswers({ 'POST 631 /ipp/print': page(404), 'POST 631 /ipp/printer': page(200, said.IPP_PRINTER) });
    expect(await ippReader.read(target(), older.asker)).toMatchObject([{ port: 631, fields: { location: 'Study' } }]);
    expect(older.asked).toEqual(['POST 631 /ipp/print', 'POST 631 /ipp/printer']);

    const wantsPassword = deviceThatAnswers({ 'POST 631 /ipp/print': page(401) });
    expect(await ippReader.read(target(), wantsPassword.asker)).toEqual([]);
    expect(wantsPassword.asked).toHaveLength(1);
  });

  it('asks a camera for its options only when it describes nothing, and sends no password', async () => {
    const camera = deviceThatAnswers({ 'tcp 554 DESCRIBE': said.RTSP_REFUSAL });
    expect(await rtspReader.read(target({ openPorts: [554] }), camera.asker)).toMatchObject([
      { port: 554, fields: { realm: 'DS-2CD2143G2-I' } },
    ]);
    expect(camera.asked).toEqual(['tcp 554 DESCRIBE']);

    const silent = deviceThatAnswers({});
    expect(await rtspReader.read(target({ openPorts: [8554] }), silent.asker)).toEqual([]);
    expect(silent.asked).toEqual(['tcp 8554 DESCRIBE', 'tcp 8554 OPTIONS']);
  });

  it.each<[Reader, string, Uint8Array]>([
    [sshReader, 'tcp 22', said.SSH_LINE],
    [ftpReader, 'tcp 21', said.FTP_GREETING],
    [telnetReader, 'tcp 23', said.TELNET_BANNER],
  ])('$name sends nothing and reads what is said', async (reader, question, answer) => {
    const { asker, asked } = deviceThatAnswers({ [question]: answer });
    expect(await reader.read(target(), asker)).toMatchObject([{ fields: { banner: expect.any(String) } }]);
    expect(asked).toEqual([question]);
  });

  it('takes no datagram for an answer that is none', async () => {
    const { asker } = deviceThatAnswers({ 'udp 5060 OPTIONS': Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n') });
    expect(await sipReader.read(target(), asker)).toEqual([]);
  });

  it('reads an LLMNR answer behind its length, once it is whole', async () => {
    const answer = Buffer.from(said.PTR_ANSWER);
    answer.writeUInt16BE(0x6862, 0);
    const whole = Buffer.concat([Buffer.from([0, answer.length]), answer]);
    const answering = (stream: Uint8Array): Asker => ({ ...deviceThatAnswers({}).asker, conversation: async () => stream });
    expect(await llmnrReader.read(target(), answering(whole))).toMatchObject([{ port: 5355, fields: { name: 'brnb42200415baa.lan' } }]);
    expect(await llmnrReader.read(target(), answering(whole.subarray(0, 40)))).toEqual([]);
  });
});
