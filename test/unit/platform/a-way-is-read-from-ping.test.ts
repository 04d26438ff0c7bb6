import { describe, expect, it } from 'vitest';
import { readLook } from '../../../src/platform/way-look.ts';

const HEAD = 'PING 198.51.100.1 (198.51.100.1) 56(84) bytes of data.\n';
const FOOT = '\n--- 198.51.100.1 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n';
const said = (line: string): string => `${HEAD}${line}${FOOT}`;
const late = (ip: string): string => said(`From ${ip} icmp_seq=1 Time to live exceeded`);

describe('what ping says of the way', () => {
  it.each([
    ['the farther of two routers', [late('100.64.0.1'), late('203.0.113.9')], { outcome: 'answered', farthest: '203.0.113.9' }],
    ['the only one that answers', [late('100.64.0.1'), said('')], { outcome: 'answered', farthest: '100.64.0.1' }],
    ['a router without a way out', [said('From 192.168.1.1 icmp_seq=1 Destination Net Unreachable'), said('')], { outcome: 'refused' }],
    ['nobody', [said(''), said('')], { outcome: 'silent' }],
    ['the place itself', [said('64 bytes from 198.51.100.1: icmp_seq=1 ttl=63 time=0.05 ms'), said('')], { outcome: 'answered' }],
    ['a ping that cannot be started', [undefined, undefined], { outcome: 'unable' }],
    ['a name in place of an address', [said('From <script> icmp_seq=1 Time to live exceeded'), said('')], { outcome: 'silent' }],
  ])('is %s', (_what, texts, answer) => {
    expect(readLook(texts)).toEqual(answer);
  });
});
