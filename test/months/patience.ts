/** Whether people were asked to act on what had come back, before the hub had been able to see for as long as its hold that it did not. */
import type { Life } from './life.ts';
import type { Alarm } from './score.ts';
import { type Spell, union } from './spells.ts';

/** What is back is asked within 5 s and answers twice, but for what is lost. */
const SEES_RETURN_WITHIN_MS = 30_000;

export function askedTooSoon(alarms: readonly Alarm[], life: Life): string[] {
  return alarms.flatMap(({ code, device, noticedMs, atMs, holdMs }): string[] => {
    if ((code !== 'device-down' && code !== 'gateway-unreachable') || device === undefined || holdMs === undefined) return [];
    const silent = (life.silent.get(device) ?? []).filter(({ fromMs }) => fromMs <= atMs);
    const backMs = Math.max(noticedMs, ...silent.map(({ toMs }) => toMs));
    const seenMs = seenBetween(noticedMs, backMs, hiddenFrom(device, life));
    if (backMs >= atMs || seenMs >= holdMs - SEES_RETURN_WITHIN_MS) return [];
    const [seen, hold] = [seenMs, holdMs].map((ms) => Math.round(ms / 1000));
    return [
      `I11: ${code} of ${device} was to be acted on at ${Math.round(atMs)} ms, and it was back after ${seen} s that could be seen of ${hold}.`,
    ];
  });
}

/** When nobody could have heard it: the hub is off, stopped, busy or unplugged, what it is plugged into is dead, or the air around the device is noisy. */
function hiddenFrom(device: string, { household, silent, noise, hubOff, hubStopped, hubBusy, hubUnplugged }: Life): Spell[] {
  const one = household.residents.find(({ name }) => name === device);
  const air = one?.link === 'wifi' ? (noise.get(one.behind ?? '') ?? []) : [];
  return union(hubOff, hubStopped, hubBusy, hubUnplugged, silent.get(household.hubBehind) ?? [], air);
}

function seenBetween(fromMs: number, toMs: number, hidden: readonly Spell[]): number {
  const lost = hidden.map((spell) => Math.max(0, Math.min(spell.toMs, toMs) - Math.max(spell.fromMs, fromMs)));
  return toMs - fromMs - lost.reduce((sum, ms) => sum + ms, 0);
}
