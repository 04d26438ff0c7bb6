import { describe, expect, test } from 'vitest';
import { parseHtml } from '../../../../src/agent/evidence/html.ts';
import { httpReader, sameOriginPath } from '../../../../src/agent/evidence/http-page.ts';
import type { Target } from '../../../../src/agent/evidence/reader.ts';
import { type Script, scriptedAsker } from '../../../fakes/scripted-asker.ts';

const IP = '192.168.1.9';
const target = (openPorts: number[]): Target => ({ interface: 'eth0', ip: IP, openPorts, services: new Set() });

async function pages(http: Script['http'], ...openPorts: number[]) {
  const { ask, asked } = scriptedAsker({ http });
  const findings = await httpReader.read(target(openPorts), ask);
  return { asked, findings, fields: findings[0]?.fields };
}

describe('A page', () => {
  test('tells its title with entities decoded and white space folded', () => {
    expect(parseHtml('<HTML><head><TITLE>\n DS920&nbsp;-&nbsp;Synology &amp;&#32;Co&#x2122;\t</title>').title).toBe(
      'DS920 - Synology & Co™',
    );
  });

  test('does not take a title out of a script, a comment or a drawing after the real one', () => {
    const page = '<script>var t="<title>a</title>"</script><!-- <title>b</title> --><title>c</title><svg><title>d</title></svg>';
    expect(parseHtml(page).title).toBe('c');
  });

  test('tells the marks that its maker left', () => {
    const page =
      '<meta name="generator" content="LuCI &lt;x&gt;"><META CONTENT="NAS" NAME=application-name><script src="/luci-static/a.js"></script><meta name="viewport" content="x">';
    expect(parseHtml(page).marks).toEqual(['page of OpenWrt LuCI', 'generator: LuCI <x>', 'application-name: NAS']);
  });

  test.each([
    ['<title>', undefined],
    ['<title></title>', undefined],
    ['<!-- never closed <title>x</title>', undefined],
    ['<script> never closed <title>x</title>', undefined],
    [`${'<a>'.repeat(600)}<title>too far</title>`, undefined],
    [`<title>${'x'.repeat(5_000)}</title>`, 'x'.repeat(256)],
  ])('is read within bounds: %.40s', (page, title) => {
    expect(parseHtml(page).title).toBe(title);
  });

  test.each([
    '<'.repeat(16_384),
    '<a '.repeat(5_000),
    '<meta '.repeat(3_000),
    `<meta ${'a'.repeat(16_000)}>`,
    `<meta ${'a="'.repeat(5_000)}>`.repeat(3),
    `<meta name=x content=${'&#65;'.repeat(400)}>`.repeat(50),
    '<!--'.repeat(4_000),
    '<script>'.repeat(2_000),
  ])('cannot keep the hub busy: %.20s', (page) => {
    const startedAt = performance.now();
    for (let i = 0; i < 10; i++) parseHtml(page);
    expect((performance.now() - startedAt) / 10).toBeLessThan(10);
  });
});

describe('The start page of a device', () => {
  test('tells what it and its server are', async () => {
    const body = '<html><head><title>HP OfficeJet Pro 9010 series</title></head></html>';
    const { findings } = await pages({ '80 /': { headers: { server: 'HP HTTP Server' }, body } }, 22, 80);
    expect(findings).toEqual([
      { port: 80, fields: { status: '200', path: '/', title: 'HP OfficeJet Pro 9010 series', server: 'HP HTTP Server' } },
    ]);
  });

  test('tells the realm of a login, and is not logged into', async () => {
    const { fields, asked } = await pages({ '80 /': { status: 401, headers: { 'www-authenticate': 'Basic realm="NETGEAR R7000"' } } }, 80);
    expect(fields).toEqual({ status: '401', path: '/', wwwAuthenticate: 'Basic realm="NETGEAR R7000"' });
    expect(asked).toEqual(['80 /']);
  });

  test('is followed one hop on the same server, and what the first page said is kept', async () => {
    const { fields, asked } = await pages(
      {
        '80 /': { status: 302, headers: { location: '/general/status.html', server: 'debut/1.30' } },
        '80 /general/status.html': { status: 302, headers: { location: '/next' }, body: '<title>Brother</title>' },
      },
      80,
    );
    expect(asked).toEqual(['80 /', '80 /general/status.html']);
    expect(fields).toEqual({ status: '302', path: '/general/status.html', title: 'Brother', server: 'debut/1.30' });
  });

  test('is followed where it only refreshes itself away', async () => {
    const refresh = '<meta http-equiv="Refresh" content="0; URL=\'cgi-bin/luci/\'">';
    const { asked } = await pages({ '80 /': refresh, '80 /cgi-bin/luci/': '<title>LuCI</title>' }, 80);
    expect(asked).toEqual(['80 /', '80 /cgi-bin/luci/']);
    const titled = await pages({ '80 /': `<title>Router</title>${refresh}` }, 80);
    expect(titled.asked).toEqual(['80 /']);
  });

  test('is asked for on three ports at most, and not over TLS where it told its title without', async () => {
    const page = '<title>x</title>';
    expect((await pages({ '80 /': page, '5000 /': page, '8080 /': page, '8123 /': page }, 80, 443, 5000, 5001, 8080, 8123)).asked).toEqual([
      '80 /',
      '5000 /',
      '8080 /',
    ]);
    expect((await pages({ '80 /': { status: 301, headers: { location: `https://${IP}/` } } }, 80, 443)).asked).toEqual([
      '80 /',
      '443 tls /',
    ]);
  });

  test('is not asked for where no port is open for it', () => {
    expect(httpReader.applies(target([22, 9100]))).toBe(false);
    expect(httpReader.applies(target([80]))).toBe(true);
  });
});

describe('A device that points elsewhere', () => {
  test.each([
    ['/login.html', '/login.html'],
    ['login.html', '/login.html'],
    ['cgi-bin/luci?a=b#top', '/cgi-bin/luci?a=b'],
    [`http://${IP}/a`, '/a'],
    [`http://${IP}:80/a`, '/a'],
  ])('within itself is followed: %s', (reference, path) => {
    expect(sameOriginPath(reference, { ip: IP, port: 80, tls: false })).toBe(path);
  });

  test.each([
    undefined,
    '',
    '/',
    `http://${IP}/`,
    `http://${IP}`,
    `http://${IP}:8080/a`,
    `https://${IP}/a`,
    'http://192.168.1.90/a',
    'http://192.168.1.9.evil.example/a',
    'http://192.168.1.9@evil.example/a',
    'http://evil.example/a',
    '//evil.example/a',
    '/\\evil.example/a',
    '\\\\evil.example\\a',
    'javascript:alert(1)',
    'data:text/html,x',
    '/a\r\nHost: evil.example',
    '/a b',
    '/ä',
    `/${'a'.repeat(600)}`,
    'HTTP://[::ffff:192.168.1.9]/a',
    'http://3232235785/a',
    '../../etc',
  ])('anywhere else is not: %s', (reference) => {
    expect(sameOriginPath(reference, { ip: IP, port: 80, tls: false })).toBeUndefined();
  });
});
