/**
 * What one telling of an alert changes at the desk. Of what nears its end each stage is told once; a hub that was restored from an old copy of its memory
 * tells some again, which is neither a second occurrence nor a reason to ask anybody again.
 */
import { ALERT_CATALOGUE, type AlertCode } from '../../protocol/alert-catalogue.ts';
import type { Acknowledgement, AlertMessage, Evidence } from '../../protocol/messages.ts';
import { isBefore } from '../order.ts';
import {
  clearSuperseded,
  findAlert,
  findFiringStage,
  findToldStage,
  hasRoomForAlert,
  renameOccurrence,
  saveAlert,
} from '../store/alerts.ts';
import { findLastPlan } from '../store/plans.ts';
import type { AlertRow } from '../store/schema.ts';
import { type Context, deskTime } from './context.ts';
import { LATE_AFTER_MS } from './occurrence.ts';
import { type Seen, seenAfter } from './seen.ts';

export async function applyAlert(context: Context, alert: AlertMessage): Promise<void> {
  if (ALERT_CATALOGUE[alert.code].raisedBy !== 'hub') return;
  const { db, site, order, receivedAt } = context;
  const clearedHubAt = alert.clearedAt ?? (ALERT_CATALOGUE[alert.code].isMoment ? alert.raisedAt : undefined);
  const same = await findAlert(db, site, alert.key, alert.raisedAt);
  const known = same ?? (await underAnotherName(context, alert));
  const isRepeated = known !== undefined && hasTold(known, alert);
  if (isRepeated && isOverForHub(known)) return;
  if (known && known !== same) {
    if (isBefore(order, known)) return;
    await renameOccurrence(db, known, alert.raisedAt);
  }
  const plan = known === undefined && clearedHubAt === undefined ? await planBefore(context, alert) : undefined;
  const row = rowOf(context, alert, { known, isRepeated, clearedHubAt, plan });
  if (known === undefined && row.cleared_at === null && !(await hasRoomForAlert(db, site))) {
    context.tally.overLimit++;
    return;
  }
  await saveAlert(db, row);
  await clearSuperseded(db, row, receivedAt);
}

/** An occurrence that a hub with an old memory knows by no name, or raises anew at a later stage: it names it by another instant from now on. */
async function underAnotherName({ db, site }: Context, { key, ends, stage }: AlertMessage): Promise<AlertRow | undefined> {
  if (stage === undefined) return undefined;
  return (await findToldStage(db, site, { key, ends, stage })) ?? findFiringStage(db, site, key);
}

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

/** Of the same end this stage or a later one: stages only ever go down. */
function hasTold(known: AlertRow, { ends, stage }: AlertMessage): boolean {
  return stage !== undefined && known.ends === (ends ?? null) && known.stage !== null && known.stage <= stage;
}

/** What only a snapshot left out was not ended by anybody: it fires on when the hub tells it again. */
function isOverForHub({ cleared_at, body }: AlertRow): boolean {
  return cleared_at !== null && told(body).clearedAt !== undefined;
}

function told(body: string): AlertMessage {
  return JSON.parse(body) as AlertMessage;
}

type Before = {
  readonly known: AlertRow | undefined;
  readonly isRepeated: boolean;
  readonly clearedHubAt: number | undefined;
  readonly plan: Acknowledgement | undefined;
};

function rowOf(context: Context, alert: AlertMessage, { known, isRepeated, clearedHubAt, plan }: Before): Parameters<typeof saveAlert>[1] {
  const { site, order, occurrence, receivedAt } = context;
  const isSameEvidence = known !== undefined && hasSameEvidence(told(known.body), alert);
  const raisedAt = known?.raised_at ?? deskTime(context, alert.raisedAt);
  const isOutdated = isRepeated && clearedHubAt === undefined && alert.stage !== known?.stage;
  return {
    site_id: site,
    key: alert.key,
    raised_hub_at: alert.raisedAt,
    ...order,
    code: alert.code,
    severity: isOutdated && known ? known.severity : alert.severity,
    device_id: alert.device ?? null,
    raised_at: raisedAt,
    actionable_at: known?.actionable_at ?? alert.actionableAt + occurrence.offsetMs,
    cleared_at: clearedHubAt === undefined ? null : deskTime(context, clearedHubAt),
    cleared_because: alert.clearedBecause ?? null,
    source: 'hub' as const,
    body: isOutdated && known ? known.body : JSON.stringify(alert),
    clock_offset_ms: isSameEvidence ? known.clock_offset_ms : occurrence.offsetMs,
    received_at: receivedAt,
    late: receivedAt - raisedAt > LATE_AFTER_MS || occurrence.by === 'receipt' ? 1 : 0,
    stage: (isRepeated ? known?.stage : alert.stage) ?? null,
    ends: alert.ends ?? null,
    ...whoSeesToIt(context, alert, { known, isRepeated, clearedHubAt, plan }),
  };
}

function whoSeesToIt(context: Context, alert: AlertMessage, { known, isRepeated, clearedHubAt, plan }: Before) {
  const before: Seen = {
    by: known?.acknowledged ? (JSON.parse(known.acknowledged) as Acknowledgement) : plan,
    untold: known?.untold === 1,
  };
  const by = alert.acknowledged && acknowledgedHere(context, alert.acknowledged, known);
  const hasStages = alert.stage !== undefined && clearedHubAt === undefined;
  const stage = hasStages ? (isRepeated ? 'known' : 'new') : 'none';
  const after = seenAfter(before, { by, stage, receivedAt: context.receivedAt });
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
