import { PassThrough } from 'node:stream';
import { writeToStream } from 'mqtt-packet';
import { expect, it } from 'vitest';
import '../../../src/platform/mqtt-link.ts';

it('the length of a message, which the library keeps for good, is not a piece of a larger block of memory', () => {
  const stream = new PassThrough();
  const written: Buffer[] = [];
  stream.write = (chunk: Buffer) => written.push(chunk) > 0;
  writeToStream({ cmd: 'publish', topic: 'a', payload: 'x'.repeat(997), qos: 0, dup: false, retain: false }, stream);
  // MQTT 5 section 2.1.4: 2 bytes for the length of the topic, 1 of it and 997 are 1000, which is 0xe8 0x07.
  const length = written.find((chunk) => chunk.equals(Buffer.from([0xe8, 0x07])));
  expect(length?.buffer.byteLength).toBeLessThanOrEqual(4);
});
