/** What the desk is told of the house as a whole: router, internet, the hub's own link, how many devices are persons', what is silenced. Pure. */
import type { Instant } from '../base/clock.ts';
import type { SiteStateMessage } from '../protocol/messages.ts';
import { type Silences, toldSilences } from './alerts/silences.ts';
import type { CheckRecord, HubCondition } from './health/health.ts';

export type SiteFacts = {
  readonly people: number;
  readonly gateway: CheckRecord | undefined;
  readonly internet: SiteStateMessage['internet'];
  readonly hub: HubCondition;
  readonly silences: Silences;
};

/** The same object while nothing of it changed. */
export function siteState(
  before: SiteStateMessage,
  { people, gateway, internet, hub, silences }: SiteFacts,
  at: Instant,
): SiteStateMessage {
  const links = Object.values(hub.links).filter((link) => link !== undefined);
  const gatewayState = gateway?.state ?? 'unknown';
  const now = {
    gateway: gatewayState === 'suspect' ? before.gateway : gatewayState,
    internet,
    hubLink: links.length === 0 ? null : links.some((link) => link),
    personalDevices: people,
  };
  const same = (Object.keys(now) as (keyof typeof now)[]).every((key) => now[key] === before[key]);
  return withSilences(same ? before : { ...before, ...now }, silences, at);
}

export function withSilences(site: SiteStateMessage, silences: Silences, now: Instant): SiteStateMessage {
  const told = toldSilences(site.silences, silences, now);
  if (told === site.silences) return site;
  const { silences: _, ...rest } = site;
  return told ? { ...rest, silences: told } : rest;
}
