/** What homes tell all day: a heartbeat each 30 s, devices that go and come back, alerts that are raised and cleared. */
import { setTimeout as sleep } from 'node:timers/promises';
import { downAlert, type LoadHome, stateOf } from './load-home.ts';
import type { LoadHub } from './load-hub.ts';

type Played = { readonly home: LoadHome; readonly hub: LoadHub };

/** In turn: it is down, it is told, it is back, that is told, and one of ten entries is a device that has learnt something. */
export function commitOneOf(home: LoadHome, hub: LoadHub, n: number): void {
  const at = Date.now();
  const turn = n % 10;
  const one = home.device(Math.floor(n / 10));
  if (turn === 9) hub.commit('device.changed', { ...one.device, firmware: `9.${n % 1000}` });
  else if (turn === 3) hub.commit('alert.raised', downAlert(one, at));
  else if (turn === 6) hub.commit('alert.cleared', { ...downAlert(one, at), clearedAt: at, clearedBecause: 'it answers again' });
  else hub.commit('device.state', stateOf(home.device(n), turn % 2 === 0 ? 'down' : 'up', at));
}

/** Of each device a day (contract: 4); and as each fault that lasts is told and taken back, so many alerts of a home a day. */
const CHANGES_OF_A_DEVICE = 4;
const ALERTS_OF_A_HOME = 2;
const DAY_S = 86_400;

export type Lived = {
  readonly heartbeats: number;
  readonly entries: number;
  readonly bytes: number;
  readonly lastedS: number;
  readonly lateMs: number;
};

/** Evenly spread over all hubs; ends when everything is acknowledged. `lateMs`: how much the player itself fell behind at most. */
export async function live(
  played: readonly Played[],
  { seconds, pace, heartbeatS }: { readonly seconds: number; readonly pace: number; readonly heartbeatS: number },
): Promise<Lived> {
  const beatsPerS = (played.length / heartbeatS) * pace;
  const entriesPerS =
    ((played.length * (CHANGES_OF_A_DEVICE * (played[0]?.home.devices.length ?? 0) + 2 * ALERTS_OF_A_HOME)) / DAY_S) * pace;
  const startedMs = performance.now();
  let [heartbeats, entries, lateMs] = [0, 0, 0];
  const bytesBefore = bytesOf(played);
  for (let nowS = 0; nowS < seconds; nowS = (performance.now() - startedMs) / 1000) {
    lateMs = Math.max(lateMs, ((nowS * beatsPerS - heartbeats) / beatsPerS) * 1000);
    for (; heartbeats < nowS * beatsPerS; heartbeats++) played[heartbeats % played.length]?.hub.beat();
    for (; entries < nowS * entriesPerS; entries++) {
      const one = played[(entries * 7919) % played.length] as Played;
      commitOneOf(one.home, one.hub, entries);
      one.hub.send();
    }
    await sleep(5);
  }
  const lastedS = (performance.now() - startedMs) / 1000;
  while (played.some(({ hub }) => hub.waiting > 0)) await sleep(5);
  return { heartbeats, entries, bytes: bytesOf(played) - bytesBefore, lastedS, lateMs };
}

function bytesOf(played: readonly Played[]): number {
  return played.reduce((sum, { hub }) => sum + hub.sentBytes, 0);
}
