/**
 * One interface's ear for the protocols that are asked of everyone at once, or that devices shout by themselves (`GroupReader`). Questions go
 * out from a socket that is open only while answers are awaited; shouts are heard on ports shared with others. Never answers anyone.
 */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { Trouble } from '../agent/discovery/coverage.ts';
import type { EvidenceSighting, LanInterface } from '../agent/discovery/sighting.ts';
import type { GroupReader } from '../agent/evidence/reader.ts';
import type { Timer } from '../base/clock.ts';
import { networkOf, numberToIpv4 } from '../base/ip-address.ts';
import { closeQuietly, guardedSocket, whenBound } from './guarded-socket.ts';
import { gateOf, type Hearing } from './lan-hearing.ts';

export type GroupEar = {
  /** Asks every group once more; while answers to the round before are awaited, the same sockets ask. */
  ask(): void;
  close(): void;
};

/** WS-Discovery lets a device wait half a second; one that sleeps between Wi-Fi beacons, or is asked a second time, takes longer. */
const ANSWERS_WITHIN_MS = 6_000;
/** Nothing of this is meant to be routed. */
const TTL = 1;

export async function openGroupEar(lan: LanInterface, hearing: Hearing, met: (ip: string) => void): Promise<GroupEar> {
  const place: Place = { lan, hearing, met };
  const listeners = await openListeners(place);
  const asking = new Map<GroupReader, Promise<Socket | undefined>>();
  let silence: Timer | undefined;
  let isClosed = false;
  const hush = (): void => {
    for (const socket of asking.values()) void socket.then((open) => closeQuietly(() => open?.close()));
    asking.clear();
  };
  return {
    ask() {
      if (isClosed) return;
      silence?.cancel();
      silence = hearing.clock.setTimer(ANSWERS_WITHIN_MS, hush);
      for (const reader of hearing.groups.filter(({ questions }) => questions.length > 0)) {
        const socket = asking.get(reader) ?? openAsker(reader, place);
        asking.set(reader, socket);
        void socket.then((open) => open && !isClosed && askBy(open, reader, place));
      }
    },
    close() {
      isClosed = true;
      silence?.cancel();
      hush();
      for (const socket of listeners) closeQuietly(() => socket.close());
    },
  };
}

type Place = { readonly lan: LanInterface; readonly hearing: Hearing; readonly met: (ip: string) => void };

async function openListeners(place: Place): Promise<Socket[]> {
  const { lan, hearing } = place;
  const wanted = hearing.groups.flatMap((reader) => reader.listen.map((where) => ({ reader, where })));
  const opened = await Promise.all(
    wanted.map(async ({ reader, where }) => ({ reader, where, socket: await openListener(reader, where, place) })),
  );
  for (const method of new Set(hearing.groups.map((reader) => reader.method))) {
    const held = opened.filter(({ reader, socket }) => reader.method === method && socket === undefined);
    hearing.coverage.trouble(lan.name, method, heldTrouble(held.map(({ reader, where }) => ({ name: reader.name, port: where.port }))));
  }
  return opened.flatMap(({ socket }) => socket ?? []);
}

function heldTrouble(held: readonly { readonly name: string; readonly port: number }[]): Trouble | undefined {
  if (held.length === 0) return undefined;
  const words = held.map(({ name, port }) => `${port} (${name})`).join(', ');
  return {
    status: 'degraded',
    problem: `UDP port ${words} is held by a program that does not share it: announcements there are not heard, questions are still asked`,
    fix: `Find it with: sudo ss -lunp 'sport = :${held[0]!.port}'`,
  };
}

async function openListener(reader: GroupReader, where: GroupReader['listen'][number], place: Place): Promise<Socket | undefined> {
  const socket = socketFor(reader, place);
  const bound = whenBound(socket);
  socket.bind(where.port);
  if (!(await bound)) return undefined;
  if (where.group !== undefined) socket.addMembership(where.group, place.lan.address);
  return socket;
}

/** On every address, because some devices answer to the broadcast address; the gate tells the interfaces apart. */
async function openAsker(reader: GroupReader, place: Place): Promise<Socket | undefined> {
  const socket = socketFor(reader, place);
  const bound = whenBound(socket);
  socket.bind(0);
  if (!(await bound)) return undefined;
  closeQuietly(() => {
    socket.setBroadcast(true);
    socket.setMulticastInterface(place.lan.address);
    socket.setMulticastTTL(TTL);
  });
  return socket;
}

function socketFor(reader: GroupReader, place: Place): Socket {
  const { lan, hearing } = place;
  const failed = (error: Error): void =>
    hearing.log.debug('group socket', { interface: lan.name, reader: reader.name, error: error.message });
  const socket = guardedSocket('udp4', gateOf(lan, reader.method, { ...hearing, budget: hearing.groupBudget }), failed);
  socket.on('message', (datagram: Buffer, from: RemoteInfo) => hear(reader, datagram, from.address, place));
  return socket;
}

function askBy(socket: Socket, reader: GroupReader, { lan, hearing }: Place): void {
  for (const { to, port, payload } of reader.questions) {
    const address = to === 'broadcast' ? broadcastOf(lan) : to;
    if (address === undefined) continue;
    const bytes = typeof payload === 'function' ? payload(hearing.random.bytes(16)) : payload;
    hearing.coverage.asked(lan.name, reader.method, hearing.clock.now().monoMs);
    const failed = (error: Error | null): void => {
      if (error) hearing.log.debug('group question', { interface: lan.name, reader: reader.name, error: error.message });
    };
    closeQuietly(() => socket.send(bytes, port, address, failed));
  }
}

/** Of the subnet, not 255.255.255.255: that goes out on one interface only. A point-to-point link has none (RFC 3021). */
function broadcastOf(lan: LanInterface): string | undefined {
  return lan.prefixLength > 30 ? undefined : numberToIpv4(networkOf(lan) + 2 ** (32 - lan.prefixLength) - 1);
}

function hear(reader: GroupReader, datagram: Uint8Array, ip: string, { lan, hearing, met }: Place): void {
  const at = hearing.clock.now();
  const finding = reader.parse(datagram);
  if (finding !== undefined) met(ip);
  else hearing.coverage.refused(lan.name, reader.method);
  if (finding === undefined || Object.keys(finding.fields).length === 0) return;
  hearing.coverage.answered(lan.name, reader.method, ip, at.monoMs);
  const verdict = hearing.findings.hear(`${lan.name} ${ip} ${reader.name}`, finding, at.monoMs);
  if (verdict === 'full') hearing.coverage.refused(lan.name, reader.method);
  if (verdict !== 'news') return;
  const method = reader.method as EvidenceSighting['method'];
  const { fields, identifiers = [] } = finding;
  hearing.tell({ method, at, interface: lan.name, ip, reader: reader.name, fields, identifiers });
}
