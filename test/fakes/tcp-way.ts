/** The way to a broker, as TCP on loopback: open, closed (nothing listens), or mute (it takes connections and bytes, and nothing comes of them). */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { freePort } from './mosquitto-program.ts';

export type Way = {
  readonly url: string;
  /** Connections that were taken so far. */
  taken(): number;
  open(): Promise<void>;
  /** What is connected stays connected, and is dead from now on, also when the way is open again. */
  mute(): Promise<void>;
  close(): Promise<void>;
};

/** Closed at first. */
export async function wayTo(target: string): Promise<Way> {
  const [port, targetPort] = [await freePort(), Number(new URL(target).port)];
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let isMute = false;
  let taken = 0;

  function take(socket: Socket): void {
    taken++;
    hold(socket);
    if (isMute) {
      socket.resume();
      return;
    }
    const beyond = connect(targetPort, '127.0.0.1');
    hold(beyond);
    socket.pipe(beyond).pipe(socket);
    for (const [one, other] of [
      [socket, beyond],
      [beyond, socket],
    ] as const)
      one.on('close', () => isMute || other.destroy());
  }

  function hold(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  }

  async function listen(): Promise<void> {
    if (server) return;
    const made = createServer(take);
    server = made;
    await new Promise<void>((resolve) => made.listen(port, '127.0.0.1', resolve));
  }

  async function close(): Promise<void> {
    const listening = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (listening) await new Promise((resolve) => listening.close(resolve));
  }

  onTestFinished(close);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    taken: () => taken,
    close,
    open() {
      isMute = false;
      return listen();
    },
    mute() {
      isMute = true;
      for (const socket of sockets) socket.unpipe().resume();
      return listen();
    },
  };
}
