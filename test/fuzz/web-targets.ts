/** What is read over HTTP, for the fuzz: each parser with what real devices answer. */
import { parseHtml } from '../../src/agent/evidence/html.ts';
import { parseHttpPage } from '../../src/agent/evidence/http-page.ts';
import { JsonElements } from '../../src/agent/evidence/json-elements.ts';
import { managedDevice, siteIn } from '../../src/agent/evidence/unifi-devices.ts';
import { readPage } from '../../src/platform/place-proof.ts';
import { readLook } from '../../src/platform/way-look.ts';
import { LOCAL_API_ANSWERS } from '../builders/local-api-answers.ts';
import { SITE_DEVICES, SITES, STAT_DEVICE } from '../builders/unifi-answers.ts';
import type { FuzzTarget } from './targets.ts';

const PAGES = [
  '<!doctype html><HTML><head><title>DS920&nbsp;-&nbsp;Synology</title><meta name="generator" content="x"><meta http-equiv=refresh content="0;url=/a"></head></html>',
  '<!-- a --><script>var a="<title>b</title>"</script><style>c</style><title>d &#x41;</title><script src=\'/luci-static/a\'></script>',
].map((page) => Buffer.from(page));

const SIGN_IN_PAGES = [
  'HTTP/1.1 302 Found\r\nServer: nginx\r\nLocation: http://login.example:8080/terms?mac=02:00:00:00:00:01\r\n\r\n',
  'HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>',
].map((page) => Buffer.from(page));
const WAYS = [
  'PING 1.1.1.1 (1.1.1.1) 56(84) bytes of data.\nFrom 203.0.113.9 icmp_seq=1 Time to live exceeded\n\n--- 1.1.1.1 ping statistics ---\n',
  'From 192.168.1.1 icmp_seq=1 Destination Net Unreachable\n64 bytes from 1.1.1.1: icmp_seq=1 ttl=57 time=9 ms\n',
].map((text) => Buffer.from(text));

/** As it comes over the wire, in parts. */
function tellUnifi(bytes: Uint8Array): unknown {
  const told: unknown[] = [];
  const elements = new JsonElements({ most: 8, longest: 4_096 }, (element) =>
    told.push(managedDevice(element), siteIn([element], 'default')),
  );
  const text = Buffer.from(bytes).toString('utf8');
  for (let at = 0; at < text.length; at += 700) elements.push(text.slice(at, at + 700));
  return told;
}

export const WEB_TARGETS: readonly FuzzTarget[] = [
  { name: 'http', seeds: PAGES, parse: (body) => parseHttpPage({ status: 200, headers: {}, body }, '/', 80) },
  { name: 'html', seeds: PAGES, parse: (body) => parseHtml(Buffer.from(body).toString('latin1')).title },
  { name: 'sign-in-page', seeds: SIGN_IN_PAGES, parse: (bytes) => readPage(Buffer.from(bytes).toString('latin1'), '1.1.1.1') },
  {
    name: 'unifi-console',
    seeds: [STAT_DEVICE, SITES, SITE_DEVICES].map((answer) => Buffer.from(JSON.stringify(answer))),
    parse: tellUnifi,
  },
  { name: 'way', seeds: WAYS, parse: (bytes) => readLook([Buffer.from(bytes).toString('utf8'), undefined]).farthest },
  ...[...new Set(LOCAL_API_ANSWERS.map(({ reader }) => reader))].map((name) => {
    const answers = LOCAL_API_ANSWERS.filter(({ reader }) => reader === name);
    return { name, seeds: answers.map(({ body }) => Buffer.from(body)), parse: answers[0]!.parse };
  }),
];
