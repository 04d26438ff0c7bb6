/**
 * What one message changes at the desk, inside the transaction of its batch. An entry enters the history once by its id; devices,
 * states and alerts follow the greatest (session, position); a snapshot says what exists now and nothing about what happened.
 */
import type {
  AbsenceMessage,
  DeviceMessage,
  DeviceStateMessage,
  EntryBody,
  SiteStateMessage,
  SnapshotMessage,
} from '../../protocol/messages.ts';
import { isBefore, type Order } from '../order.ts';
import { clearAlertsBefore, explainDeskAlerts } from '../store/alerts.ts';
import { nextStartAfter } from '../store/anchors.ts';
import { noteAbsence, noteChange } from '../store/courses.ts';
import {
  findDeviceState,
  hasRoomForDevice,
  hasRoomForState,
  hasRoomForVerdict,
  removeDevice,
  removeDevicesBefore,
  type StateTiming,
  saveDevice,
  saveDeviceState,
  saveSiteState,
  saveVerdict,
} from '../store/devices.ts';
import { addSnapshotPart, dropSnapshotsBefore, insertEvent, type Kept, lastAnchoredBefore, settledOrder } from '../store/events.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findSession } from '../store/sites.ts';
import { applyAlert, hasSameEvidence } from './apply-alert.ts';
import { type Context, deskTime, uncertainty } from './context.ts';
import type { Entry, EntryContent } from './decode.ts';
import { occurrenceOf } from './occurrence.ts';

/** A body that could not be understood is kept up to this length. */
const MAX_UNREAD_BODY = 16 * 1024;

export async function applyEntry(db: DeskDatabase, entry: Entry, receivedAt: number, tally: Context['tally']): Promise<Kept> {
  const { envelope, site } = entry;
  const session = await findSession(db, site, envelope.start);
  const order = { ses: envelope.ses, pos: envelope.pos };
  const neighbours = session?.anchor_at == null ? await neighboursOf(db, entry) : {};
  const occurrence = occurrenceOf(envelope, session?.anchor_at, neighbours, receivedAt);
  const kept = await insertEvent(db, {
    site_id: site,
    id: envelope.id,
    start: envelope.start,
    ...order,
    kind: envelope.k,
    body: storedBody(entry),
    hub_at: envelope.ts,
    occurred_at: occurrence.at,
    occurred_by: occurrence.by,
    received_at: receivedAt,
    late: occurrence.late ? 1 : 0,
    ...uncertainty(occurrence),
  });
  if (!kept.isNew || entry.content === undefined) return kept;
  const context = { db, site, order, occurrence, receivedAt, tally };
  await applyContent(context, entry.content);
  await settleIfOlder(context);
  return kept;
}

async function neighboursOf(db: DeskDatabase, { site, envelope }: Entry) {
  return { notBefore: await lastAnchoredBefore(db, site, envelope), notAfter: await nextStartAfter(db, site, envelope) };
}

function storedBody(entry: Entry): string {
  if (entry.content === undefined) return (JSON.stringify(entry.envelope.d) ?? 'null').slice(0, MAX_UNREAD_BODY);
  if (entry.content.k !== 'snapshot') return JSON.stringify(entry.content.d);
  const { snapshot, part, parts, devices, alerts } = entry.content.d;
  return JSON.stringify({ snapshot, part, parts, devices: devices.length, alerts: alerts.length });
}

async function applyContent(context: Context, content: EntryContent): Promise<void> {
  const { db, site, order, occurrence } = context;
  switch (content.k) {
    case 'device.added':
    case 'device.changed':
      await applyDevice(context, content.d);
      return;
    case 'device.removed':
      if (await hasRoomForDevice(db, site, content.d.device)) await removeDevice(db, site, content.d.device, order, occurrence.at);
      return;
    case 'device.state':
      return applyState(context, content.d);
    case 'alert.raised':
    case 'alert.updated':
    case 'alert.cleared':
      return applyAlert(context, content.d);
    case 'site.state':
      return applySite(context, content.d);
    case 'snapshot':
      return applySnapshot(context, content.d);
    case 'device.lifecycle':
      return applyVerdict(context, content.d);
    case 'gap':
      return;
  }
}

async function applySite(context: Context, state: SiteStateMessage): Promise<void> {
  await saveSiteState(context.db, context.site, state, context.order, context.occurrence);
  if (state.absence) await explainSilence(context, state.absence);
}

/** A hub is called silent some time after it was heard last, so its own word may end before that. */
const CALLED_SILENT_WITHIN_MS = 180_000;

/** The hub is back and says why the desk did not hear it. */
async function explainSilence(context: Context, { why, text, ...told }: AbsenceMessage): Promise<void> {
  const [from, to] = [deskTime(context, told.from), deskTime(context, told.to)];
  await noteAbsence(context.db, context.site, why, { from, to });
  const span = { from, to: to + CALLED_SILENT_WITHIN_MS };
  await explainDeskAlerts(context.db, context.site, 'hub-silent', span, `the hub was heard again. ${text}`);
}

/** False when the home has too many. */
async function applyDevice(context: Context, device: DeviceMessage): Promise<boolean> {
  const { db, site, order, tally } = context;
  const fits = await hasRoomForDevice(db, site, device.id);
  if (fits) await saveDevice(db, site, device, order, deskTime(context, device.firstSeenAt));
  else tally.overLimit++;
  return fits;
}

async function applyState(context: Context, state: DeviceStateMessage): Promise<void> {
  const { db, site, order } = context;
  const known = await findDeviceState(db, site, state.device);
  if (known === undefined && !(await hasRoomForState(db, site, state.device))) return;
  const before = known && (JSON.parse(known.body) as DeviceStateMessage);
  const timing = timingOf(context, state, known && before && { ...known, before });
  await saveDeviceState(db, site, state, order, timing);
  if (isSameState(before, state)) return;
  // An older one that comes late knows nothing of what was before it.
  const was = before && before.since < state.since ? before.state : undefined;
  await noteChange(db, site, state, order, { sinceAt: timing.since_at, was });
}

function isSameState(before: DeviceStateMessage | undefined, state: DeviceStateMessage): boolean {
  return before?.state === state.state && before.since === state.since;
}

/**
 * What was told once keeps its time: the same hub instant told again after the hub's clock was set right would else move by days. Instants
 * of new evidence are read by the clock of the entry that brought them.
 */
function timingOf(
  context: Context,
  state: DeviceStateMessage,
  known: (StateTiming & { readonly before: DeviceStateMessage }) | undefined,
): StateTiming {
  const isSameEvidence = known !== undefined && hasSameEvidence(known.before, state);
  return {
    since_at: known && isSameState(known.before, state) ? known.since_at : deskTime(context, state.since),
    clock_offset_ms: isSameEvidence ? known.clock_offset_ms : context.occurrence.offsetMs,
  };
}

async function applyVerdict({ db, site, order }: Context, { device, verdict }: EntryBody<'device.lifecycle'>): Promise<void> {
  if (await hasRoomForVerdict(db, site, device)) await saveVerdict(db, site, device, verdict, order);
}

async function applySnapshot(context: Context, part: SnapshotMessage): Promise<void> {
  const { db, site, order, receivedAt } = context;
  await applySite(context, part.site);
  for (const { device, state, lifecycle } of part.devices) {
    if (!(await applyDevice(context, device))) continue;
    await applyState(context, state);
    await applyVerdict(context, { device: device.id, ...(lifecycle ? { verdict: lifecycle } : {}) });
  }
  for (const alert of part.alerts) await applyAlert(context, alert);
  const complete = await addSnapshotPart(db, site, { ...order, snapshot: part.snapshot, part: part.part, parts: part.parts });
  if (complete === undefined) return;
  await settle(context, complete, receivedAt);
  await dropSnapshotsBefore(db, site, complete, part.snapshot);
}

/** Every named row now carries a place at or after the snapshot's, so whatever lies before it was not named. */
async function settle({ db, site }: Context, place: Order, at: number): Promise<void> {
  await removeDevicesBefore(db, site, place, at);
  await clearAlertsBefore(db, site, place, at);
}

/** An entry, or an older snapshot, that comes after a newer snapshot belongs to history and must not bring back what that ended. */
async function settleIfOlder(context: Context): Promise<void> {
  const place = await settledOrder(context.db, context.site);
  if (place && isBefore(context.order, place)) await settle(context, place, context.receivedAt);
}
