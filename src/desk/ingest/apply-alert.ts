/**
 * What one telling of an alert changes at the desk. Of what nears its end people are asked about each stage once: the desk remembers which it was
 * (told-stages.ts) and knows by its own clock which is still to come. A hub that was restored from an old copy of its memory, or whose clock is ahead, tells some
 * again or too early, which is neither a second occurrence nor a reason to ask anybody.
 */
import { ALERT_CATALOGUE, type AlertCode } from '../../protocol/alert-catalogue.ts';
import type { Acknowledgement, AlertMessage, Evidence } from '../../protocol/messages.ts';
import { isBefore } from '../order.ts';
import { clearSuperseded, findAlert, findFiringStage, hasRoomForAlert, noteNamed, renameOccurrence, saveAlert } from '../store/alerts.ts';
import { findLastPlan } from '../store/plans.ts';
import type { AlertRow } from '../store/schema.ts';
import { forgetTold, nearestTold, noteTold } from '../store/told-stages.ts';
import { type Context, deskTime, uncertainty } from './context.ts';
import { LATE_AFTER_MS } from './occurrence.ts';
import { type Seen, seenAfter, type Telling } from './seen.ts';
import { isTooEarly } from './too-early.ts';

export async function applyAlert(context: Context, message: AlertMessage): Promise<void> {
  if (ALERT_CATALOGUE[message.code].raisedBy !== 'hub') return;
  const { db, site, order, receivedAt } = context;
  const clearedHubAt = message.clearedAt ?? (ALERT_CATALOGUE[message.code].isMoment ? message.raisedAt : undefined);
  const same = await findAlert(db, site, message.key, message.raisedAt);
  const alert = stillAsked(message, same);
  const stage = await stageIn(context, alert);
  const known = await continued(context, alert, same);
  if (stage === 'early' && (clearedHubAt !== undefined || known?.cleared_at !== null)) return endsLater(context, alert);
  if (stage === 'known' && known?.cleared_at !== null) return;
  if (known && known.raised_hub_at !== alert.raisedAt) {
    if (isBefore(order, known)) return;
    await renameOccurrence(db, known, alert.raisedAt);
  }
  const plan = known === undefined && clearedHubAt === undefined ? await planBefore(context, alert) : undefined;
  const row = rowOf(context, alert, { known, stage, clearedHubAt, plan });
  const isFull = known === undefined && row.cleared_at === null && !(await hasRoomForAlert(db, site));
  if (isFull || (stage === 'new' && !(await noteTold(db, site, alert, alert.stage ?? 0, receivedAt)))) context.tally.overLimit++;
  if (isFull) return;
  await saveAlert(db, row);
  // By the newest word on it: what comes late says nothing about which occurrence was the last.
  await clearSuperseded(db, known && isBefore(order, known) ? known : row, receivedAt);
  // What has no day may come again, and is told again then.
  if (clearedHubAt !== undefined && alert.stage === undefined && alert.ends === undefined) await forgetTold(db, site, alert);
}

/** Who was asked to act is not told to wait again, by a hub that was restored from an old copy of its memory. */
function stillAsked(alert: AlertMessage, known: AlertRow | undefined): AlertMessage {
  if (!alert.held || known === undefined || told(known.body).held) return alert;
  const { held: _, ...asked } = alert;
  return { ...asked, actionableAt: told(known.body).actionableAt };
}

/** While it is held its hub may say another time; the same one repeated under a clock that was set right stays what it was. */
function isActionableAnew({ body }: AlertRow, { actionableAt }: AlertMessage): boolean {
  const before = told(body);
  return before.held === true && before.actionableAt !== actionableAt;
}

/** The occurrence that this goes on with. One that nears its end is the same under whichever instant a hub with another memory says that it raised it. */
async function continued(
  { db, site }: Context,
  { key, stage, clearedAt }: AlertMessage,
  same: AlertRow | undefined,
): Promise<AlertRow | undefined> {
  if (stage === undefined && (clearedAt === undefined || same)) return same;
  return (await findFiringStage(db, site, key)) ?? same;
}

/** `early`: by the desk's clock it is still to come. `known`: people were asked about it, or about a later one. `none`: not told in stages, or over. */
type StageTold = 'early' | Telling['stage'];

async function stageIn({ db, site, receivedAt }: Context, alert: AlertMessage): Promise<StageTold> {
  if (isTooEarly(alert, receivedAt)) return 'early';
  if (alert.stage === undefined || alert.clearedAt !== undefined) return 'none';
  const told = await nearestTold(db, site, alert);
  return told !== undefined && told <= alert.stage ? 'known' : 'new';
}

/** What a hub calls past that is still to come fires on as what it was, under the plan that it has: that is what it names. */
async function endsLater({ db, site, order }: Context, { key, code, ends }: AlertMessage): Promise<void> {
  if (!AFTER_THE_END.has(code)) return;
  const before = await findFiringStage(db, site, `${ENDING}${key.slice(code.length)}`);
  if (before?.ends === ends && before && !isBefore(order, before)) await noteNamed(db, before, order);
}

const ENDING: AlertCode = 'support-ending';
const AFTER_THE_END: ReadonlySet<AlertCode> = new Set(['support-ended', 'known-exploited']);

/**
 * A hub that does not know (yet) what people planned tells the next stage as something new: raised after the end under another code, or after its memory or its clock
 * was another one for a while. The plan holds all the same.
 */
async function planBefore({ db, site }: Context, { key, code, stage }: AlertMessage): Promise<Acknowledgement | undefined> {
  if (stage === undefined) return undefined;
  const keys = (ONE_CAUSE.find((codes) => codes.includes(code)) ?? [code]).map((each) => `${each}${key.slice(code.length)}`);
  return findLastPlan(db, site, keys);
}

/** Whoever planned for the end of support knew that it comes; that its holes are attacked since then is something else. */
const ONE_CAUSE: readonly (readonly AlertCode[])[] = [['support-ending', 'support-ended']];

function told(body: string): AlertMessage {
  return JSON.parse(body) as AlertMessage;
}

type Before = {
  readonly known: AlertRow | undefined;
  readonly stage: StageTold;
  readonly clearedHubAt: number | undefined;
  readonly plan: Acknowledgement | undefined;
};

function rowOf(context: Context, alert: AlertMessage, before: Before): Parameters<typeof saveAlert>[1] {
  const { site, order, occurrence, receivedAt } = context;
  const { known, clearedHubAt } = before;
  const isSameEvidence = known !== undefined && hasSameEvidence(told(known.body), alert);
  const raisedAt = known?.raised_at ?? deskTime(context, alert.raisedAt);
  return {
    site_id: site,
    key: alert.key,
    raised_hub_at: alert.raisedAt,
    ...order,
    code: alert.code,
    device_id: alert.device ?? null,
    raised_at: raisedAt,
    actionable_at: known && !isActionableAnew(known, alert) ? known.actionable_at : actionableAt(context, alert),
    cleared_at: clearedHubAt === undefined ? null : deskTime(context, clearedHubAt),
    cleared_because: alert.clearedBecause ?? null,
    source: 'hub' as const,
    clock_offset_ms: isSameEvidence ? known.clock_offset_ms : occurrence.offsetMs,
    received_at: receivedAt,
    late: receivedAt - raisedAt > LATE_AFTER_MS || occurrence.by === 'receipt' ? 1 : 0,
    forgotten: 0,
    ...uncertainty(occurrence),
    ...newestWord(alert, before),
    ...whoSeesToIt(context, alert, before),
  };
}

/** What its hub says that it raised in the future it raised by another clock, and so it holds it: not until then. */
function actionableAt({ occurrence, receivedAt }: Context, alert: AlertMessage): number {
  const aheadMs = Math.max(0, alert.raisedAt + occurrence.offsetMs - receivedAt);
  return alert.actionableAt + occurrence.offsetMs - aheadMs;
}

/** What is said of it: an old memory and a wrong clock take nothing back of what was said since. */
function newestWord(alert: AlertMessage, { known, stage }: Before): Pick<AlertRow, 'severity' | 'body' | 'stage' | 'ends'> {
  const isOtherEnd = known?.stage !== alert.stage || known?.ends !== (alert.ends ?? null);
  if (known && (stage === 'early' || (stage === 'known' && isOtherEnd))) {
    const { severity, body, ends } = known;
    return { severity, body, stage: known.stage, ends };
  }
  return { severity: alert.severity, body: JSON.stringify(alert), stage: alert.stage ?? null, ends: alert.ends ?? null };
}

function whoSeesToIt(context: Context, alert: AlertMessage, { known, stage, plan }: Before) {
  const before: Seen = {
    by: known?.acknowledged ? (JSON.parse(known.acknowledged) as Acknowledgement) : plan,
    untold: known?.untold === 1,
  };
  const by = alert.acknowledged && acknowledgedHere(context, alert.acknowledged, known);
  const after = seenAfter(before, { by, stage: stage === 'early' ? 'known' : stage, receivedAt: context.receivedAt });
  return after === before ? {} : { acknowledged: after.by ? JSON.stringify(after.by) : null, untold: after.untold ? 1 : 0 };
}

/** Who sees to it by the desk's time, which stays when the hub only repeats it. */
function acknowledgedHere(context: Context, said: Acknowledgement, known: AlertRow | undefined): Acknowledgement {
  const before = known && told(known.body).acknowledged;
  const isSame = before?.at === said.at && before.by === said.by && before.plannedFor === said.plannedFor;
  if (known?.acknowledged && known.untold === 0 && isSame) return JSON.parse(known.acknowledged) as Acknowledgement;
  return { ...said, at: deskTime(context, said.at) };
}

export function hasSameEvidence(left: { evidence?: Evidence }, right: { evidence?: Evidence }): boolean {
  return JSON.stringify(left.evidence) === JSON.stringify(right.evidence);
}
