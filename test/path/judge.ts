/** Compares what the desk holds with the truth of each hub: while faults last what must hold at any moment, at the end what must have come together. */
import { classOf } from '../../src/agent/outbox/entry.ts';
import { firstBroken, type Link } from '../../src/desk/tickets/audit.ts';
import type { AlertMessage, DeviceMessage, EntryBody, EntryKind, SiteStateMessage } from '../../src/protocol/messages.ts';
import type { DeskNode } from './desk.ts';
import { type Home, snapshotOf } from './home.ts';
import type { HubNode } from './hub.ts';
import { type HubWitness, occurrenceOf } from './hub-witness.ts';

type EventRow = {
  site_id: string;
  id: string;
  ses: number;
  pos: number;
  kind: EntryKind;
  body: string;
  occurred_at: number;
  occurred_by: string;
  received_at: number;
};

/** What was told of a hub, and the truth about it. */
export type Watched = { readonly hub: HubNode; readonly witness: HubWitness };

/** How far a time that rests on an anchor may be wrong: what told the anchor took at most so long, and cheap crystals are off by so much. */
export type TimeBound = { readonly zeroAt: number; readonly worstMs: number };

/** What differs between a hub and what the desk shows of it; nothing where both agree. */
export function differences({ hub }: Watched, desk: DeskNode): string[] {
  const { home, site } = hub;
  if (!home) return ['I3: the hub does not run'];
  const [here, there] = [linesOf(home), linesAtDesk(desk, site)];
  if (!there) return ['I3: the desk is at work'];
  return [
    ...here.filter((line) => !there.includes(line)).map((line) => `I3: the desk does not know: ${line}`),
    ...there.filter((line) => !here.includes(line)).map((line) => `I3: only the desk knows: ${line}`),
  ];
}

function linesOf(home: Home): string[] {
  const { devices, alerts, site } = snapshotOf(home);
  return [
    ...devices.map(({ device, state }) => deviceLine(device, state.state)),
    ...alerts.map((alert) => alertLine(alert, alert.raisedAt)),
    siteLine(site),
  ];
}

function linesAtDesk(desk: DeskNode, site: string): string[] | undefined {
  const devices = desk.rows<{ body: string; state: string }>(
    `SELECT device.body, device_state.state FROM device LEFT JOIN device_state ON device_state.site_id = device.site_id
      AND device_state.device_id = device.id WHERE device.site_id = ? AND removed_at IS NULL`,
    site,
  );
  const alerts = desk.rows<{ body: string; raised_hub_at: number }>(
    "SELECT body, raised_hub_at FROM alert WHERE site_id = ? AND source = 'hub' AND cleared_at IS NULL",
    site,
  );
  const states = desk.rows<{ body: string }>('SELECT body FROM site_state WHERE site_id = ?', site);
  if (!devices || !alerts || !states) return undefined;
  return [
    ...devices.map(({ body, state }) => deviceLine(JSON.parse(body) as DeviceMessage, state)),
    ...alerts.map(({ body, raised_hub_at }) => alertLine(JSON.parse(body) as AlertMessage, raised_hub_at)),
    ...states.map(({ body }) => siteLine(JSON.parse(body) as SiteStateMessage)),
  ];
}

function deviceLine({ id, name }: DeviceMessage, state: string): string {
  return `device ${id.slice(-2)} "${name}" is ${state}`;
}

function alertLine({ key, text }: AlertMessage, raisedAt: number): string {
  return `alert ${key.slice(-2)} of ${raisedAt} says "${text.slice(-20)}"`;
}

function siteLine({ personalDevices }: SiteStateMessage): string {
  return `site has ${personalDevices}`;
}

/** What must hold at any moment, as far as the desk can be read now. */
export function brokenNow({ hub, witness }: Watched, desk: DeskNode): string[] {
  const twice = desk.rows<{ key: string }>(
    'SELECT key FROM alert WHERE site_id = ? AND cleared_at IS NULL GROUP BY key HAVING count(*) > 1',
    hub.site,
  );
  const tickets = desk.rows<{ key: string; raised_hub_at: number }>(
    "SELECT key, raised_hub_at FROM alert WHERE site_id = ? AND source = 'hub'",
    hub.site,
  );
  return [
    ...(twice ?? []).map(({ key }) => `I2: two open tickets for ${key}`),
    ...(tickets ?? [])
      .map(({ key, raised_hub_at }) => occurrenceOf({ key, raisedAt: raised_hub_at }))
      .filter((occurrence) => !witness.raised.has(occurrence))
      .map((occurrence) => `I2: a ticket for ${occurrence}, which the hub never raised`),
  ];
}

/** The history that the desk has, against what the hub committed. */
export function brokenInHistory({ hub, witness }: Watched, desk: DeskNode, bound: TimeBound): string[] {
  const events = desk.rows<EventRow>('SELECT * FROM event WHERE site_id = ? ORDER BY ses, pos', hub.site) ?? [];
  return [
    ...arrivalsBroken(events, witness),
    ...orderBroken(events, witness),
    ...timesBroken(events, witness, bound),
    ...auditBroken(hub.site, desk),
    ...workMissing(hub.site, desk),
  ];
}

function auditBroken(site: string, desk: DeskNode): string[] {
  const links = desk.rows<Link>('SELECT *, site_id AS site FROM audit WHERE site_id = ? ORDER BY n', site) ?? [];
  const at = firstBroken(links);
  return at === undefined ? [] : [`I15: link ${at} of ${links.length} of the audit does not follow from the one before`];
}

/** Every alert that fires belongs to a ticket that is not part of another, and every ticket was opened by somebody. */
function workMissing(site: string, desk: DeskNode): string[] {
  const alone = desk.rows<{ key: string }>(
    `SELECT alert.key FROM alert LEFT JOIN ticket_alert USING (site_id, key, raised_hub_at) LEFT JOIN ticket USING (number)
      WHERE alert.site_id = ? AND alert.source = 'hub' AND alert.cleared_at IS NULL AND alert.severity = 'error'
      AND (ticket.number IS NULL OR ticket.state = 'merged')`,
    site,
  );
  const silent = desk.rows<{ number: number }>(
    "SELECT number FROM ticket WHERE site_id = ? AND number NOT IN (SELECT ticket FROM audit WHERE what = 'ticket.opened')",
    site,
  );
  return [
    ...(alone ?? []).map(({ key }) => `I2: ${key} fires, and nobody works on it`),
    ...(silent ?? []).map(({ number }) => `I15: the audit does not say who opened ticket ${number}`),
  ];
}

function arrivalsBroken(events: readonly EventRow[], { committedIds, entries, lost, lostGaps }: HubWitness): string[] {
  const here = new Set(events.map(({ id }) => id));
  const told = events.filter(({ kind }) => kind === 'gap').map(({ body }) => JSON.parse(body) as EntryBody<'gap'>);
  const gaps = [...told, ...lostGaps];
  const isTold = (id: string): boolean => {
    const truth = entries.get(id);
    return truth !== undefined && gaps.some((gap) => gap.class === classOf(truth.kind) && gap.from <= truth.pos && truth.pos <= gap.to);
  };
  const missing = committedIds.filter((id) => !here.has(id) && !lost.has(id) && !isTold(id));
  return [
    ...missing.map(
      (id) =>
        `${entries.get(id)?.kind.startsWith('alert') ? 'I1' : 'I4'}: ${entries.get(id)?.kind} ${id} never arrived, and no gap tells of it`,
    ),
    ...[...here].filter((id) => !entries.has(id)).map((id) => `I2: ${id} is at the desk, and its hub never made it`),
    ...(here.size === events.length ? [] : ['I2: an entry is at the desk twice']),
  ];
}

function orderBroken(events: readonly EventRow[], { entries }: HubWitness): string[] {
  const order = events.flatMap(({ id }) => {
    const truth = entries.get(id);
    return truth && !truth.hasUsedNumber ? [truth] : [];
  });
  const at = order.findIndex((truth, i) => i > 0 && truth.n < (order[i - 1]?.n ?? 0));
  const [before, after] = [order[at - 1], order[at]];
  if (!before || !after) return [];
  return [`I6: (${after.ses}, ${after.pos}) sorts behind (${before.ses}, ${before.pos}) and came before it`];
}

function timesBroken(events: readonly EventRow[], { entries }: HubWitness, { zeroAt, worstMs }: TimeBound): string[] {
  return events.flatMap(({ id, occurred_at, occurred_by, received_at }) => {
    const truth = entries.get(id);
    if (!truth) return [];
    const offMs = occurred_at - (zeroAt + truth.atMs);
    if (occurred_by === 'anchor' && Math.abs(offMs) > worstMs)
      return [`I6: ${truth.kind} ${id} is ${Math.round(offMs)} ms off, at most ${Math.round(worstMs)} are excused`];
    return occurred_at > received_at ? [`I6: ${truth.kind} ${id} happened after it was received`] : [];
  });
}
