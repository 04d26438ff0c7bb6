/**
 * How near their end the devices of the home are: when somebody is to look, and what comes of it. The look itself is made by a process of its own
 * (ports.ts), because the catalogue is not kept in memory. A look that fails changes nothing: what was known holds, and time goes on. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '../base/clock.ts';
import { HUB_ID } from '../base/ids.ts';
import { DAY_MS, lastMomentOf } from '../base/partial-date.ts';
import type { VerdictMessage } from '../protocol/messages.ts';
import { type Alert, type AlertBook, type AlertChange, cleared } from './alerts/alerts.ts';
import { A_PERSONS, ofPerson } from './alerts/of-person.ts';
import { causeOf } from './alerts/stage-table.ts';
import { NOTHING_TOLD, type Staged, type StageLedger, tellStages } from './alerts/stages.ts';
import { isTold } from './alerts/urgency.ts';
import type { InventoryChange } from './inventory/changes.ts';
import { titleAndPlace } from './inventory/describe.ts';
import type { DeviceSummary } from './inventory/device.ts';
import { asNamedOutside } from './inventory/personal.ts';
import type { Look } from './lifecycle/look.ts';
import { isWorthAnotherLook } from './lifecycle/looked.ts';
import type { Track } from './lifecycle/tracks.ts';
import type { Policy } from './policy.ts';

/** What one look said, and when; `failed`: nothing, or nonsense. */
export type LookAnswer = Look | 'failed';

/** What has to be known of a look until the next one; `atMs`: monotonic. */
type LastLook = Pick<Look, 'catalogue' | 'now'> & { readonly tracks: readonly Track[]; readonly atMs: number };

export type LifecycleWatch = {
  /** As the last look said, by device; a verdict stays through restarts. */
  readonly verdicts: ReadonlyMap<string, VerdictMessage>;
  /** None before this process has looked. */
  readonly last?: LastLook;
  readonly ledger: StageLedger;
  /** Monotonic milliseconds: when somebody is to look next, and when somebody began to look last. */
  readonly dueAtMs: number;
  readonly beganAtMs: number;
  readonly isLooking: boolean;
  /** Something is to be told when a silence is over. */
  readonly isWaiting: boolean;
  /** Looks in a row that failed. */
  readonly failures: number;
};

/** What outlives the process. */
export type SavedLifecycle = Pick<LifecycleWatch, 'verdicts' | 'ledger'>;

/** By then the first inventory is complete, and devices were asked who they are; what comes sooner waits as long as after a look. */
const FIRST_AFTER_MS = 10 * 60_000;
/** A look costs a start of the program: a third of a second of processor time on a desktop, a few on a small board. */
const BETWEEN_MS = 10 * 60_000;
const AFTER_FAILURE_MS = 3_600_000;

export function restoreLifecycle(saved: SavedLifecycle | undefined, now: Instant): LifecycleWatch {
  return {
    verdicts: saved?.verdicts ?? new Map(),
    ledger: saved?.ledger ?? NOTHING_TOLD,
    dueAtMs: now.monoMs + FIRST_AFTER_MS,
    beganAtMs: now.monoMs,
    isLooking: false,
    isWaiting: false,
    failures: 0,
  };
}

/** What of it is to be written: rows that are new or different, and ids of those that are gone. */
export type LifecycleChange = {
  readonly verdicts: readonly (readonly [device: string, verdict: VerdictMessage])[];
  readonly withoutVerdict: readonly string[];
  /** With all stages that were told, when one of them is new or forgotten. */
  readonly ledger?: StageLedger;
};

export function lifecycleToSave(before: LifecycleWatch, after: LifecycleWatch): { readonly lifecycle?: LifecycleChange } {
  if (before.verdicts === after.verdicts && before.ledger === after.ledger) return {};
  return {
    lifecycle: {
      verdicts: [...after.verdicts].filter(([id, verdict]) => before.verdicts.get(id) !== verdict),
      withoutVerdict: [...before.verdicts.keys()].filter((id) => !after.verdicts.has(id)),
      ...(after.ledger === before.ledger ? {} : { ledger: after.ledger }),
    },
  };
}

export type WatchInputs = {
  readonly alerts: AlertBook;
  readonly looked: LookAnswer | undefined;
  readonly changes: readonly InventoryChange[];
  /** A person said something of devices, or another catalogue is in use. */
  readonly isDifferent: boolean;
  /** A person decided something about an alert. */
  readonly isDecided: boolean;
  /** A silence began or ended. */
  readonly isSilenceNew: boolean;
  readonly devices: ReadonlyMap<string, DeviceSummary>;
  readonly isHeldBack: (device: string) => boolean;
  readonly hasDesk: boolean;
  readonly tellPersonal: boolean;
  readonly policy: Policy;
  readonly now: Instant;
};

export type Watched = {
  readonly watch: LifecycleWatch;
  readonly alerts: AlertBook;
  readonly changes: readonly AlertChange[];
  /** Somebody is to look now. */
  readonly look: boolean;
};

const NONE: readonly AlertChange[] = [];

/** The same objects where nothing is due and nothing happened. */
export function watchLifecycle(before: LifecycleWatch, inputs: WatchInputs): Watched {
  const { looked, changes, isDifferent, isDecided, now } = inputs;
  const isFree = before.isWaiting && inputs.isSilenceNew;
  const isDue = !before.isLooking && now.monoMs >= before.dueAtMs;
  if (looked === undefined && changes.length === 0 && !isDifferent && !isDecided && !isFree && !isDue)
    return { watch: before, alerts: inputs.alerts, changes: NONE, look: false };
  const gone = withoutGone(before, inputs);
  const known = looked === undefined ? gone.watch : afterLook(gone.watch, looked, inputs);
  const staged = known.last && (looked !== undefined || isFree) ? told(known, known.last, gone.alerts, inputs) : undefined;
  const alerts = staged?.alerts ?? gone.alerts;
  const isPlanNew = isDecided || staged !== undefined;
  const watch = scheduled(
    {
      ...known,
      ...(staged ? { ledger: staged.ledger, isWaiting: staged.isWaiting } : {}),
      ...(isPlanNew ? { verdicts: unchanged(before.verdicts, withPlans(known.verdicts, alerts)) } : {}),
    },
    inputs,
  );
  return { ...watch, alerts, changes: staged ? [...gone.changes, ...staged.changes] : gone.changes };
}

function scheduled(watch: LifecycleWatch, { isDifferent, changes, now }: WatchInputs): Pick<Watched, 'watch' | 'look'> {
  const isWanted = isDifferent || changes.some(isWorthAnotherLook);
  const dueAtMs = isWanted ? Math.min(watch.dueAtMs, Math.max(now.monoMs, watch.beganAtMs + BETWEEN_MS)) : watch.dueAtMs;
  if (watch.isLooking || now.monoMs < dueAtMs) return { watch: dueAtMs === watch.dueAtMs ? watch : { ...watch, dueAtMs }, look: false };
  return { watch: { ...watch, isLooking: true, beganAtMs: now.monoMs, dueAtMs: now.monoMs + DAY_MS }, look: true };
}

/** Whether a verdict on a device may be known at the desk. */
function mayBeTold(device: DeviceSummary | undefined, tellPersonal: boolean): boolean {
  return device !== undefined && (tellPersonal || !device.personal);
}

function mayBeGone(change: InventoryChange): boolean {
  return change.kind === 'changed' ? change.what.includes('personal') : change.kind === 'merged' || change.kind === 'removed';
}

/** What is about devices that are in this home no more, or a person's after all. */
function withoutGone(watch: LifecycleWatch, { alerts, changes, devices, tellPersonal, now }: WatchInputs): Omit<Watched, 'look'> {
  if (!changes.some(mayBeGone)) return { watch, alerts, changes: NONE };
  const isOver = ({ code, device = '' }: Alert): boolean =>
    causeOf(code) !== undefined && device !== HUB_ID && devices.get(device)?.personal !== false;
  const over = [...alerts.values()].filter(isOver);
  const verdicts = kept(watch.verdicts, (id) => mayBeTold(devices.get(id), tellPersonal));
  const rows = kept(watch.ledger.told, (_, { device }) => device === HUB_ID || devices.has(device));
  const ledger = rows === watch.ledger.told ? watch.ledger : { ...watch.ledger, told: rows };
  const isSame = verdicts === watch.verdicts && ledger === watch.ledger;
  return {
    watch: isSame ? watch : { ...watch, verdicts, ledger },
    alerts: over.length === 0 ? alerts : kept(alerts, (_, alert) => !isOver(alert)),
    changes: over.map((alert) => ({ kind: 'alert.cleared', alert: withoutDevice(alert, devices.has(alert.device ?? ''), now) })),
  };
}

function withoutDevice(alert: Alert, isThere: boolean, now: Instant): Alert {
  return isThere
    ? cleared({ ...alert, ...ofPerson(alert.code) }, A_PERSONS, now)
    : cleared(alert, 'The device is not in this home any more.', now);
}

/** The same map where all of it stays. */
function kept<T>(map: ReadonlyMap<string, T>, stays: (key: string, value: T) => boolean): ReadonlyMap<string, T> {
  const left = [...map].filter(([key, value]) => stays(key, value));
  return left.length === map.size ? map : new Map(left);
}

function afterLook(watch: LifecycleWatch, looked: LookAnswer, { devices, tellPersonal, now }: WatchInputs): LifecycleWatch {
  const rested = { ...watch, isLooking: false };
  if (looked === 'failed')
    return { ...rested, failures: watch.failures + 1, dueAtMs: Math.min(watch.dueAtMs, now.monoMs + AFTER_FAILURE_MS) };
  const verdicts = looked.standings.flatMap(({ device, verdict }): [string, VerdictMessage][] =>
    verdict && mayBeTold(devices.get(device), tellPersonal) ? [[device, verdict]] : [],
  );
  const tracks = looked.standings.flatMap((standing) => standing.tracks);
  const last = { catalogue: looked.catalogue, now: looked.now, tracks, atMs: now.monoMs };
  return { ...rested, failures: 0, last, verdicts: new Map(verdicts) };
}

/** By what the last look said, and the time that has passed since. */
function told({ ledger, verdicts }: LifecycleWatch, last: LastLook, alerts: AlertBook, inputs: WatchInputs): Staged {
  const { devices, policy, isHeldBack, hasDesk, now } = inputs;
  const isFor = (device: DeviceSummary | undefined): boolean => device !== undefined && !device.personal && isTold(device, policy);
  return tellStages(
    { ledger, alerts },
    {
      tracks: last.tracks.filter(({ device }) => device === HUB_ID || isFor(devices.get(device))),
      catalogue: last.catalogue,
      present: { ...last.now, at: last.now.at + now.monoMs - last.atMs },
      toCheck: [...verdicts].filter(([id, { tell, state }]) => tell === 'desk' && state !== 'fine' && isFor(devices.get(id))).length,
      isHeldBack,
      hasDesk,
      subjectOf: (id) => (id === HUB_ID ? 'The hub' : titleAndPlace(asNamedOutside(devices.get(id) as DeviceSummary))),
    },
    now,
  );
}

/** The verdicts say until when somebody plans to replace their device. */
export function withPlansOf(watch: LifecycleWatch, alerts: AlertBook): LifecycleWatch {
  const verdicts = unchanged(watch.verdicts, withPlans(watch.verdicts, alerts));
  return verdicts === watch.verdicts ? watch : { ...watch, verdicts };
}

/** Of several days the last. */
function withPlans(verdicts: LifecycleWatch['verdicts'], alerts: AlertBook): LifecycleWatch['verdicts'] {
  const plans = new Map<string, string>();
  for (const { device, acknowledged } of alerts.values()) {
    const plan = acknowledged?.plannedFor;
    if (device === undefined || plan === undefined) continue;
    const before = plans.get(device);
    if (before === undefined || lastMomentOf(before) < lastMomentOf(plan)) plans.set(device, plan);
  }
  return new Map(
    verdicts.entries().map(([id, { plannedFor: _, ...verdict }]) => {
      const plan = plans.get(id);
      return [id, plan === undefined ? verdict : { ...verdict, plannedFor: plan }];
    }),
  );
}

/** With the objects of before where they say the same, so that only what changed is saved and told. */
function unchanged(before: LifecycleWatch['verdicts'], after: LifecycleWatch['verdicts']): LifecycleWatch['verdicts'] {
  const isSame = (id: string, verdict: VerdictMessage): boolean => isDeepStrictEqual(before.get(id), verdict);
  const next = new Map(after.entries().map(([id, verdict]) => [id, isSame(id, verdict) ? (before.get(id) as VerdictMessage) : verdict]));
  return next.size === before.size && next.entries().every(([id, verdict]) => before.get(id) === verdict) ? before : next;
}
