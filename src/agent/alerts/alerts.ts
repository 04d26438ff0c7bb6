/** Raises, keeps and clears alerts: at most one for a key, evidence with each, cleared when the condition is over, untouched while in doubt. */
import type { Instant } from '../../base/clock.ts';
import { ALERT_CATALOGUE, type AlertCode } from '../../protocol/alert-catalogue.ts';
import type { AlertMessage } from '../../protocol/messages.ts';
import type { Condition, Conditions } from './conditions.ts';
import { causeOf } from './stage-table.ts';

/** An alert as it is stored, shown and sent. */
export type Alert = AlertMessage;
export type AlertChange = { readonly kind: 'alert.raised' | 'alert.updated' | 'alert.cleared'; readonly alert: Alert };

/** Alerts that fire, by key. */
export type AlertBook = ReadonlyMap<string, Alert>;

/** Leaves room for the longest sentence of the catalogue in the 160 letters of a title. */
const LONGEST_SUBJECT = 110;

/** What is told in stages has no condition that lasts, and is left to stages.ts. A condition for which `isSilenced` holds waits: it is raised when it holds still and nothing silences it any more. */
export function reduceAlerts(
  book: AlertBook,
  conditions: Conditions,
  now: Instant,
  isSilenced: (condition: Condition) => boolean = () => false,
): { book: AlertBook; changes: AlertChange[] } {
  const holding = new Map(conditions.firing.map((condition) => [condition.key, condition]));
  const next = new Map(book);
  const changes: AlertChange[] = [];
  for (const [key, alert] of book) {
    if (holding.has(key) || conditions.inDoubt.has(key) || causeOf(alert.code)) continue;
    next.delete(key);
    changes.push({ kind: 'alert.cleared', alert: cleared({ ...alert, ...conditions.retold(alert) }, explanation(alert, conditions), now) });
  }
  for (const [key, condition] of holding) {
    const known = book.get(key);
    if (known ? !isNews(known, condition) : isSilenced(condition)) continue;
    const alert = known ? { ...known, text: toldText(condition), evidence: condition.evidence() } : raised(condition, conditions, now);
    next.set(key, alert);
    changes.push({ kind: known ? 'alert.updated' : 'alert.raised', alert });
  }
  return changes.length === 0 ? { book, changes } : { book: next, changes };
}

const toldText = ({ text }: Condition): string => text.slice(0, 2048);

function isNews(known: Alert, condition: Condition): boolean {
  return condition.isRetold === true && toldText(condition) !== known.text;
}

function raised(condition: Condition, { holdMsOf }: Conditions, now: Instant): Alert {
  const definition = ALERT_CATALOGUE[condition.code];
  const raisedAt = Math.round(now.wallMs);
  const holdMs = condition.holdMs ?? holdMsOf(condition.code);
  return {
    key: condition.key,
    code: condition.code,
    severity: condition.severity ?? definition.severity,
    title: titleOf(condition.code, condition.subject),
    text: toldText(condition),
    raisedAt,
    actionableAt: raisedAt + holdMs,
    ...(holdMs > 0 ? { held: true } : {}),
    ...(condition.deviceId === undefined ? {} : { device: condition.deviceId }),
    evidence: condition.evidence(),
  };
}

export function titleOf(code: AlertCode, subject: string): string {
  return ALERT_CATALOGUE[code].title(shortened(subject)).slice(0, 160);
}

/** The subject gives way, never the sentence around it. */
function shortened(subject: string): string {
  return subject.length <= LONGEST_SUBJECT
    ? subject
    : `${subject
        .slice(0, LONGEST_SUBJECT - 1)
        .replace(/[\ud800-\udbff]$/, '')
        .trimEnd()}…`;
}

export function cleared(alert: Alert, because: string, now: Instant): Alert {
  const { evidence: _, ...rest } = alert;
  return { ...rest, clearedAt: Math.max(alert.raisedAt, Math.round(now.wallMs)), clearedBecause: because };
}

function explanation(alert: Alert, { firing, over }: Conditions): string {
  const cause = firing.find((condition) => ALERT_CATALOGUE[alert.code].dependsOn.includes(condition.code));
  return (cause ? `Explained by: ${ALERT_CATALOGUE[cause.code].title(cause.subject)}.` : over(alert)).slice(0, 512);
}
