/** Makes the kernel resolve who was just heard: multicast leaves no neighbour entry, and a device without a hardware address is not a device. */
import type { Clock, Timer } from '../base/clock.ts';
import { openDatagramSocket, provoke } from './provoking-datagrams.ts';

export type Poker = { poke(interfaceName: string, ip: string): void; close(): void };

const AGAIN_AFTER_MS = 60_000;
const MAX_REMEMBERED = 1024;
/** By then the kernel has the answer of a device that is there. */
const RESOLVED_AFTER_MS = 400;

/** `resolved` is called once for all that were poked within a moment. */
export function openPoker(clock: Clock, resolved: () => void): Poker {
  const sockets = { 4: openDatagramSocket('udp4'), 6: openDatagramSocket('udp6') };
  const pokedAtMs = new Map<string, number>();
  let pending: Timer | undefined;
  const callLater = (): void => {
    pending ??= clock.setTimer(RESOLVED_AFTER_MS, () => {
      pending = undefined;
      resolved();
    });
  };
  return {
    poke(interfaceName, ip) {
      const key = `${interfaceName} ${ip}`;
      const nowMs = clock.now().monoMs;
      if (nowMs - (pokedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) return;
      pokedAtMs.delete(key);
      if (pokedAtMs.size >= MAX_REMEMBERED) pokedAtMs.delete(pokedAtMs.keys().next().value as string);
      pokedAtMs.set(key, nowMs);
      void (ip.includes(':') ? provoke(sockets[6], [`${ip}%${interfaceName}`]) : provoke(sockets[4], [ip]));
      callLater();
    },
    close() {
      pending?.cancel();
      for (const socket of Object.values(sockets)) socket.close();
    },
  };
}
