import { describe, expect, it } from 'vitest';
import { parseDhcpRequest } from '../../../../src/agent/evidence/dhcp-message.ts';
import {
  encodeAddressQuestion,
  encodePtrQuestion,
  parseAddressAnswer,
  parsePtrAnswer,
} from '../../../../src/agent/evidence/dns-message.ts';
import { parseFtp, parseSsh, parseTelnet } from '../../../../src/agent/evidence/greetings.ts';
import { parseIpp, printerQuestion } from '../../../../src/agent/evidence/ipp.ts';
import { NODE_STATUS_QUESTION, parseNodeStatus } from '../../../../src/agent/evidence/netbios.ts';
import { parsePjl } from '../../../../src/agent/evidence/pjl.ts';
import { findingOfName } from '../../../../src/agent/evidence/router-name.ts';
import { parseRtsp } from '../../../../src/agent/evidence/rtsp.ts';
import { parseSip } from '../../../../src/agent/evidence/sip.ts';
import * as said from '../../../builders/device-answers.ts';

describe('NetBIOS', () => {
  it('asks for all names with the fifty bytes of RFC 1002', () => {
    expect(Buffer.from(NODE_STATUS_QUESTION).toString('latin1')).toContain(' CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0!\0\x01');
    expect(NODE_STATUS_QUESTION.length).toBe(50);
  });

  it('tells name and workgroup, and a MAC where there is one', () => {
    expect(parseNodeStatus(said.NODE_STATUS)).toEqual({
      fields: { name: 'DESKTOP-7K2QF', workgroup: 'WORKGROUP' },
      identifiers: [{ kind: 'netbios-name', value: 'desktop-7k2qf' }],
    });
    expect(parseNodeStatus(said.NODE_STATUS_WITH_MAC)?.identifiers).toContainEqual({ kind: 'mac', value: 'f4:6b:8c:c6:70:38' });
  });

  it('refuses its own question, a foreign id and what is cut before the names', () => {
    expect(parseNodeStatus(NODE_STATUS_QUESTION)).toBeUndefined();
    expect(parseNodeStatus(Uint8Array.from(said.NODE_STATUS).fill(0, 0, 2))).toBeUndefined();
    expect(parseNodeStatus(said.NODE_STATUS.subarray(0, 58))).toBeUndefined();
  });
});

describe('the name of an address', () => {
  const question = encodePtrQuestion(0x1234, '192.168.77.41', { recurse: true });

  it('is read from the answer to this very question only', () => {
    expect(parsePtrAnswer(said.PTR_ANSWER, question)).toEqual(['brnb42200415baa.lan']);
    expect(parsePtrAnswer(said.PTR_ANSWER, encodePtrQuestion(0x1235, '192.168.77.41', { recurse: true }))).toBeUndefined();
    expect(parsePtrAnswer(said.PTR_ANSWER, encodePtrQuestion(0x1234, '192.168.77.42', { recurse: true }))).toBeUndefined();
    expect(parsePtrAnswer(question, question)).toBeUndefined();
  });

  it('is none for NXDOMAIN, and for compression that goes forward or in a circle', () => {
    const answered = (tail: string, count: number): Uint8Array => {
      const message = Buffer.concat([question, Buffer.from(tail, 'hex')]);
      message.writeUInt16BE(0x8583, 2);
      message.writeUInt16BE(count, 6);
      return message;
    };
    const end = question.length.toString(16);
    expect(parsePtrAnswer(answered('', 0), question)).toEqual([]);
    expect(parsePtrAnswer(answered(`c0${end}000c000100000000000403616263`, 1), question)).toEqual([]);
    expect(parsePtrAnswer(answered('c00c000c00010000000000020000', 1), question)).toEqual([]);
    expect(parsePtrAnswer(answered(`c00c000c0001000000000002c0${(question.length + 12).toString(16)}`, 1), question)).toEqual([]);
  });

  it('has addresses, read from the answer to this very question only', () => {
    const question = encodeAddressQuestion(0x1234, 'broker.example') as Uint8Array;
    const answered = (flags: number, records: string): Uint8Array => {
      const message = Buffer.concat([question, Buffer.from(records, 'hex')]);
      message.writeUInt16BE(flags, 2);
      message.writeUInt16BE(2, 6);
      return message;
    };
    const alias = 'c00c000500010000003c0004016ac00c';
    const address = 'c00c000100010000003c0004c6336458';
    expect(parseAddressAnswer(answered(0x8180, alias + address), question)).toEqual(['198.51.100.88']);
    expect(parseAddressAnswer(answered(0x8183, ''), question)).toEqual([]);
    expect(parseAddressAnswer(answered(0x8182, alias + address), question)).toBeUndefined();
    expect(parseAddressAnswer(answered(0x8180, 'c00c000100010000003c0003c63364'), question)).toEqual([]);
    expect(parseAddressAnswer(answered(0x8180, address), encodeAddressQuestion(0x1234, 'other.example') as Uint8Array)).toBeUndefined();
    for (const name of ['', 'a..b', 'x'.repeat(64), 'blank in.it']) expect(encodeAddressQuestion(1, name)).toBeUndefined();
  });

  it.each([
    ['RLC-520A.lan', 'RLC-520A', 'lan'],
    ['ESP_1A2B3C', 'ESP_1A2B3C', undefined],
    ['Annas-iPhone.fritz.box.', 'Annas-iPhone', 'fritz.box'],
  ])('%s is told as host and domain', (name, hostname, domain) => {
    expect(findingOfName(name, '192.168.1.23')).toEqual({
      fields: { hostname, ...(domain && { domain }) },
      identifiers: [{ kind: 'dhcp-name', value: hostname.toLowerCase() }],
    });
  });

  it.each([
    '192-168-1-23.lan',
    'host-23.1.168.192.example',
    'ip192168001023.net',
    '23.1.168.192.in-addr.arpa',
    'localhost',
    'unknown.lan',
    '.',
  ])('%s names nobody', (name) => expect(findingOfName(name, '192.168.1.23')).toBeUndefined());
});

describe('DHCP', () => {
  it('tells what a client says of itself', () => {
    expect(parseDhcpRequest(said.DHCP_REQUEST)).toEqual({
      mac: '70:bc:10:4d:a2:77',
      fields: { hostname: 'XBOX', vendorClass: 'MSFT 5.0 XBOX', parameters: '1,3,6,12,15,28,42' },
    });
  });

  it.each([
    ['an answer of a server', 0, 2],
    ['another hardware', 1, 6],
    ['a request through a relay', 24, 10],
    ['a group address for a MAC', 28, 0xff],
    ['another magic cookie', 236, 0],
    ['a RELEASE', 242, 7],
  ])('is not read from %s', (_, at, value) => {
    expect(parseDhcpRequest(Uint8Array.from(said.DHCP_REQUEST).fill(value, at, at + 1))).toBeUndefined();
  });

  it('reads the name of option 81 as text and as labels, and the address that is wanted', () => {
    const withOptions = (hex: string): Uint8Array =>
      Buffer.concat([said.DHCP_REQUEST.subarray(0, 240), Buffer.from(`350103${hex}ff`, 'hex')]);
    expect(parseDhcpRequest(withOptions('51070000006e6173313204c0a84d2a'))).toMatchObject({
      fields: { fqdn: 'nas1' },
      wantedIp: '192.168.77.42',
    });
    expect(parseDhcpRequest(withOptions('510c040000036e6173036c616e00'))?.fields).toEqual({ fqdn: 'nas.lan' });
  });
});

describe('printers', () => {
  it('answer the IPP question with make, model, place and UUID', () => {
    expect(parseIpp(said.IPP_PRINTER)).toEqual({
      fields: {
        deviceId: 'MFG:HP;MDL:Color LaserJet Pro M252dw;CMD:PDF,JPEG,PWG,URF;',
        makeAndModel: 'HP Color LaserJet Pro M252dw',
        info: 'HP Color LaserJet Pro M252dw (C9167E)',
        location: 'Study',
        name: 'HP Color LaserJet Pro M252dw (C9167E)',
        uuid: 'urn:uuid:bdc45948-feff-35f9-7f6e-f2653f7e58e5',
        uri: 'ipp://192.168.77.15:631/ipp/print',
      },
      identifiers: [{ kind: 'udn', value: 'uuid:bdc45948-feff-35f9-7f6e-f2653f7e58e5' }],
    });
    const serial = Buffer.from(said.IPP_PRINTER.toString('latin1').replace('CMD:PDF,JPEG,PWG,URF;', 'SN:CNB0A12345;AAAAAA;'), 'latin1');
    expect(parseIpp(serial)).toMatchObject({ identifiers: [{ kind: 'udn' }, { kind: 'serial', value: 'CNB0A12345' }] });
    expect(parseIpp(printerQuestion('ipp://192.168.1.9/'))).toBeUndefined();
  });

  it('say that they are elsewhere with a client error', () => {
    expect(parseIpp(Buffer.from('0101040600000001', 'hex'))).toBe('not-here');
    expect(parseIpp(Buffer.from('<html>not found</html>'))).toBeUndefined();
  });

  it('say their model in PJL', () => {
    expect(parsePjl(said.PJL_ID)).toEqual({ fields: { id: 'HP LaserJet 4100 Series' } });
    expect(parsePjl(Buffer.from('@PJL INFO ID\r\nLEXMARK T640\r\n\f'))).toEqual({ fields: { id: 'LEXMARK T640' } });
    expect(parsePjl(Buffer.from('\x1b%-12345X@PJL INFO ID\r\n\x1b%-12345X'))).toBeUndefined();
    expect(parsePjl(Buffer.from('@PJL INFO ID\r\n?\r\n\f'))).toBeUndefined();
  });
});

describe('greetings', () => {
  it.each([
    ['RTSP', parseRtsp(said.RTSP_REFUSAL), { server: 'Hipcam RealServer/V1.0', realm: 'DS-2CD2143G2-I', status: '401' }],
    ['SIP', parseSip(said.SIP_OK), { userAgent: 'Yealink SIP-T46G 28.83.0.50', banner: 'Yealink SIP-T46G 28.83.0.50', status: '200' }],
    ['SSH', parseSsh(said.SSH_LINE), { banner: 'SSH-2.0-dropbear_2022.83' }],
    ['SSH after a notice', parseSsh(Buffer.from('Keep out\r\nSSH-2.0-OpenSSH_9.2p1\r\n')), { banner: 'SSH-2.0-OpenSSH_9.2p1' }],
    ['FTP', parseFtp(said.FTP_GREETING), { banner: 'Welcome AXIS P1346 Network Camera 5.50beta3 (2014) ready.' }],
    ['telnet', parseTelnet(said.TELNET_BANNER), { banner: 'OpenWrt login:' }],
  ])('of %s are told without what is only protocol', (_, finding, fields) => expect(finding?.fields).toEqual(fields));

  it.each([
    ['HTTP for RTSP', parseRtsp(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['a request for an answer in SIP', parseSip(Buffer.from('OPTIONS sip:hub SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n'))],
    ['HTTP for SSH', parseSsh(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['an FTP server that is full', parseFtp(Buffer.from('421 Too many connections\r\n'))],
    ['negotiation and nothing else', parseTelnet(said.TELNET_BANNER.subarray(0, 12))],
  ])('are not taken from %s', (_, finding) => expect(finding).toBeUndefined());

  it('lose what would move a terminal or turn its text around', () => {
    expect(parseFtp(Buffer.from('220 \x1b[2Jnas\x07 \x9b31mready\r\n', 'latin1'))?.fields.banner).toBe('[2Jnas 31mready');
  });
});
