import { expect, test } from 'vitest';
import { SsdpCache } from '../../../../src/agent/discovery/ssdp-cache.ts';
import type { SsdpMessage } from '../../../../src/agent/discovery/ssdp-message.ts';

const alive = (usn: string, more: Partial<SsdpMessage> = {}): SsdpMessage => ({
  kind: 'alive',
  usn,
  target: 'upnp:rootdevice',
  maxAgeS: 100,
  headers: {},
  ...more,
});

test('passes a repeat on only after 30 seconds, and a change at once', () => {
  const cache = new SsdpCache();
  expect(cache.hear('tv', alive('a'), 0)).toBe('news');
  expect(cache.hear('tv', alive('a'), 29_999)).toBe('repeat');
  expect(cache.hear('tv', alive('a', { location: 'http://192.168.1.50/' }), 29_999)).toBe('news');
  expect(cache.hear('tv', alive('a', { location: 'http://192.168.1.50/' }), 60_000)).toBe('news');
});

test('forgets what was not renewed within max-age, so that its return is news', () => {
  const cache = new SsdpCache();
  cache.hear('tv', alive('a', { maxAgeS: 10 }), 0);
  expect(cache.hear('tv', alive('a', { maxAgeS: 10 }), 10_000)).toBe('news');
  cache.expire(20_000);
  expect(cache.size).toBe(0);
});

test('a goodbye ends the entry', () => {
  const cache = new SsdpCache();
  cache.hear('tv', alive('a'), 0);
  expect(cache.hear('tv', alive('a', { kind: 'byebye' }), 1)).toBe('news');
  expect(cache.size).toBe(0);
  expect(cache.hear('tv', alive('a'), 2)).toBe('news');
});

test('one sender gets its share and no more, and all together no more than the table', () => {
  const cache = new SsdpCache({ entries: 3, perSender: 2 });
  expect(['a', 'b', 'c'].map((usn) => cache.hear('flooder', alive(usn), 0))).toEqual(['news', 'news', 'full']);
  expect(['a', 'b'].map((usn) => cache.hear('tv', alive(usn), 0))).toEqual(['news', 'full']);
  expect(cache.size).toBe(3);
});
