/**
 * What anybody on the LAN can shout under another's address hides nothing: a camera that is called a phone would be a person's, and nobody
 * would hear when it is dead. So a kind of personal things that was only shouted comes after what the device answered when it was asked,
 * after what its maker makes, and after what it was told to be before. Privacy goes first where nothing else is known (decision 0007).
 */

import { makesPersonalDevices } from '../../protocol/personal-makers.ts';
import { isOfSecondHost, MAC_SOURCE } from './account.ts';
import type { Device, Fact } from './device.ts';
import { hasUniversalMac } from './identifiers.ts';
import { isDeviceKind, kindTraits } from './kinds.ts';

/** Datagrams without a handshake, and what a third party says: a name that the router gave, a lease that somebody asked for. */
const SHOUTED = /^(?:mdns|ssdp|wsd|sddp|netbios|llmnr|dhcp|dns-name)(?![a-z])/;
/** Less sure ones are guesses, and no word against another. */
const SURE_ENOUGH = 0.3;
/** What it was said to be for so long was told to the desk. */
const TOLD_MS = 10 * 60_000;
/** Things of makers that also make phones and computers get this long to say the rest: a Mac announces AirPlay first. */
const SETTLED_MS = 86_400_000;
const LASTING_MS = 7 * 86_400_000;

export function wasShouted({ source }: Pick<Fact, 'source'>): boolean {
  return SHOUTED.test(source);
}

export function isPersonalKind(value: string): boolean {
  return isDeviceKind(value) && kindTraits(value).personal;
}

/** The device with doubtful kinds of personal things behind all others; the same one where there are none. */
export function withKindsWeighed(device: Device): Device {
  const kinds = device.facts.kind ?? [];
  if (kinds.length < 2 || !kinds.some((fact) => isPersonalKind(fact.value) && wasShouted(fact)) || !hasUniversalMac(device)) return device;
  const couldBeAPersons = (device.facts.vendor ?? []).some(({ value, source }) => source === MAC_SOURCE && makesPersonalDevices(value));
  const rivals = kinds.filter(
    ({ value, source, confidence }) => !isPersonalKind(value) && !isOfSecondHost(source) && confidence >= SURE_ENOUGH,
  );
  const isDoubtful = (fact: Fact): boolean =>
    isPersonalKind(fact.value) && wasShouted(fact) && rivals.some((rival) => speaksAgainst(rival, fact, couldBeAPersons));
  const doubtful = kinds.filter(isDoubtful);
  return doubtful.length === 0
    ? device
    : { ...device, facts: { ...device.facts, kind: [...kinds.filter((fact) => !doubtful.includes(fact)), ...doubtful] } };
}

function speaksAgainst(rival: Fact, fact: Fact, couldBeAPersons: boolean): boolean {
  const isOutlasted = rival.source !== MAC_SOURCE && heardLast(rival) <= fact.at && heardLast(fact) - fact.at >= LASTING_MS;
  if (isOutlasted) return false;
  if (couldBeAPersons) return rival.at + SETTLED_MS <= fact.at;
  return !wasShouted(rival) || rival.at + TOLD_MS <= fact.at;
}

function heardLast({ at, lastAt }: Fact): number {
  return lastAt ?? at;
}
