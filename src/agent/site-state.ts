/** What the desk is told of the house as a whole: router, internet, the hub's own link, how many devices are persons', what is silenced. Pure. */
import type { Instant } from '../base/clock.ts';
import type { AbsenceMessage, SiteStateMessage } from '../protocol/messages.ts';
import { type Silences, toldSilences } from './alerts/silences.ts';
import type { CheckRecord, HubCondition } from './health/health.ts';

export type SiteFacts = {
  readonly people: number;
  readonly gateway: CheckRecord | undefined;
  readonly internet: SiteStateMessage['internet'];
  readonly hub: HubCondition;
  readonly silences: Silences;
  readonly absence: AbsenceMessage | undefined;
};

/** The same object while nothing of it changed. */
export function siteState(
  before: SiteStateMessage,
  { people, gateway, internet, hub, silences, absence }: SiteFacts,
  at: Instant,
): SiteStateMessage {
  const gatewayState = gateway?.state ?? 'unknown';
  const now = {
    gateway: gatewayState === 'suspect' ? before.gateway : gatewayState,
    internet,
    hubLink: hubLinkOf(hub),
    personalDevices: people,
    ...(absence ? { absence } : {}),
  };
  const same = (Object.keys(now) as (keyof typeof now)[]).every((key) => now[key] === before[key]);
  return withSilences(same ? before : { ...before, ...now }, silences, at);
}

/** Whether any of the hub's interfaces has link; null where the system does not say. */
export function hubLinkOf({ links }: HubCondition): boolean | null {
  const known = Object.values(links).filter((link) => link !== undefined);
  return known.length === 0 ? null : known.some((link) => link);
}

export function withSilences(site: SiteStateMessage, silences: Silences, now: Instant): SiteStateMessage {
  const told = toldSilences(site.silences, silences, now);
  if (told === site.silences) return site;
  const { silences: _, ...rest } = site;
  return told ? { ...rest, silences: told } : rest;
}
