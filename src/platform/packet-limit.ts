/** Ends an MQTT connection that announces a packet larger than allowed; aedes 1.2 has no such limit and would buffer up to 256 MB of it. */
import type { Socket } from 'node:net';

/** Destroys `socket` when a packet of more than `maxBytes` begins. The broker reads with `socket.read()`, so that is where we look. */
export function limitPackets(socket: Socket, maxBytes: number, onExceeded: (bytes: number) => void): void {
  const read = socket.read.bind(socket);
  const meter = createPacketMeter();
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size);
    const largest = chunk === null ? 0 : meter(chunk);
    if (largest <= maxBytes) return chunk;
    onExceeded(largest);
    socket.destroy();
    return null;
  };
}

/**
 * Follows the packet borders of an MQTT byte stream and answers, for each chunk, the largest remaining length that began in it:
 * one byte of type, then the length in one to four bytes of seven bits (MQTT 3.1.1, 2.2.3). A fifth length byte counts as Infinity.
 */
export function createPacketMeter(): (chunk: Uint8Array) => number {
  let skip = 0;
  let lengthBytes = -1;
  let length = 0;
  return (chunk) => {
    let largest = 0;
    for (let at = 0; at < chunk.length; ) {
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at);
        skip -= step;
        at += step;
        continue;
      }
      const byte = chunk[at++]!;
      if (lengthBytes < 0) {
        lengthBytes = 0;
        length = 0;
        continue;
      }
      length += (byte & 127) * 128 ** lengthBytes++;
      if (byte & 128) {
        if (lengthBytes >= 4) return Number.POSITIVE_INFINITY;
        continue;
      }
      largest = Math.max(largest, length);
      skip = length;
      lengthBytes = -1;
    }
    return largest;
  };
}
