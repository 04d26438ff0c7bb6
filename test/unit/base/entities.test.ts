import { expect, test } from 'vitest';
import { decodeEntities } from '../../../src/base/entities.ts';

test.each([
  ['Tom &amp; Ana&apos;s &lt;TV&gt; &quot;4K&quot;', 'Tom & Ana\'s <TV> "4K"'],
  ['DS920&nbsp;-&nbsp;Synology&REG;', 'DS920 - Synology®'],
  ['&#66;&#x4f;b', 'BOb'],
  ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
  ['&unknown; & &; &#; &#x; &#99999999; &#x110000;', '&unknown; & &; &#; &#x; &#99999999; '],
])('character references are decoded once, and what is none stays: %s', (raw, text) => {
  expect(decodeEntities(raw)).toBe(text);
});
