/** What is taken out of a text that others are to read, and what stays in it. */
import { describe, expect, it } from 'vitest';
import { LEFT_OUT, redactedUrl, redactor } from '../../../../src/desk/pack/redact.ts';

const KNOWN = {
  names: ['Lindgren residence', 'Anna-Karin Söder', 'Bo'],
  wholes: ['kitchen iPad', 'Signal, the same number'],
  addresses: ['192.168.1.20', '00:11:32:aa:bb:cc', 'fe80::1'],
};
const hidden = redactor(KNOWN);
const open = redactor({ ...KNOWN, addresses: undefined });

describe('a text for others', () => {
  it.each([
    ['The password is hunter2.17, the rest is fine. It hangs.', 'hunter2'],
    ['wifi key: correct horse', 'horse'],
    ['snmp community public1', 'public1'],
    ['Login=admin;psk=abc', 'abc'],
    ['Authorization: Basic YWJj', 'YWJj'],
    ['gate code, by the way, is 4711', '4711'],
    ['asked http://admin:admin2@nas.local/x?token=zzz#q9', 'admin2'],
    ['asked http://nas.local/x?sid=zzz', 'zzz'],
    ['it printed eyJhbGciOi.eyJzdWIi.x_y', 'eyJhb'],
    ['with hbt_0a9b8c7d6e in it', 'hbt_0a'],
    ['it shows 9f86d081884c7d659a2feaa0c55ad015', '9f86d0'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE', 'MIIE'],
    ['write to lind+home@mail.example.com now', 'lind'],
    ['she is at +46 (70) 123-45.67 today', '123'],
    ['call 5550100.', '5550100'],
    ["LINDGREN's NAS", 'LINDGREN'],
    ['smith-lindgrennas', 'lindgren'],
    ['Söder said so, and Bo too', 'Bo'],
    ['the Kitchen iPad is gone', 'iPad'],
    ['by Signal, the same number', 'same number'],
    ['Address 192.168.7.9/24 answers', '192.168'],
    ['at 00-11-32-AA-BB-CD', 'AA-BB'],
    ['at 0011.32aa.bbcd', '32aa'],
    ['serial 001132aabbcc', '001132aabbcc'],
    ['from fe80::211:32ff:feaa:bbcc%eth0 and 2001:db8:0:0:0:0:0:1', 'fe80'],
    ['to 2001:db8:0:0:0:0:0:1', 'db8'],
  ])('of "%s" is without %s', (text, secret) => {
    const told = hidden.words(text);
    expect(told).not.toContain(secret);
    expect(told).toContain(text.includes('?sid') || text.includes('admin2') ? 'nas.local/x' : LEFT_OUT);
  });

  it('keeps what a vendor needs: dates, times, versions, error codes, models', () => {
    const text =
      'At 2026-11-23 12:30:45 error code 503 after 12 345 ms; DS920+ with version 7.2.1.69057, model WS-C2960X-24, bone dry, 3 of 40 answer.';
    expect(hidden.words(text)).toBe(text);
    expect(hidden.label('1234567890123')).toBe('1234567890123');
    expect(hidden.label('6.6.1.102')).toBe('6.6.1.102');
  });

  it('has addresses where they were asked for, and nothing else of the kind', () => {
    expect(open.words('192.168.1.20 at 00:11:32:aa:bb:cc and fe80::1')).toBe('192.168.1.20 at 00:11:32:aa:bb:cc and fe80::1');
    expect(open.words('192.168.1.20, password x9, Söder')).toBe(`192.168.1.20, password ${LEFT_OUT}`);
    expect(open.words('call 5550100, Söder')).toBe(`call ${LEFT_OUT}, ${LEFT_OUT}`);
  });

  it('names a source without who asks and what is asked for', () => {
    expect(redactedUrl('https://me:pw@maker.example/eol?key=1#me', hidden)).toBe('https://maker.example/eol');
  });

  it('is done soon, however long and odd it is', () => {
    for (const text of [
      'a'.repeat(4_000),
      '1 '.repeat(2_000),
      ':'.repeat(4_000),
      '@.'.repeat(2_000),
      '@'.repeat(2_500),
      'password '.repeat(400),
      'http://'.repeat(500),
    ])
      expect(hidden.words(text).length).toBeLessThanOrEqual(text.length * 2);
  });
});
