/** Carries out what people decide about alerts: each order whole, or refused with words that help. An acknowledged alert fires on until it clears. Pure. */
import type { Instant } from '../../base/clock.ts';
import { HUB_ID } from '../../base/ids.ts';
import { saysMore } from '../../protocol/acknowledgement.ts';
import type { RememberedAlert } from '../../protocol/messages.ts';
import { titleAndPlace } from '../inventory/describe.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { AlertAnswer, AlertOrder } from './alert-order.ts';
import { type Alert, type AlertBook, type AlertChange, cleared } from './alerts.ts';
import { A_PERSONS, ofPerson } from './of-person.ts';
import { MOST_SILENCES, type Silences, withoutSilence, withSilence } from './silences.ts';
import { placeIn } from './stage-table.ts';

type Before = { readonly alerts: AlertBook; readonly silences: Silences; readonly devices: ReadonlyMap<string, DeviceSummary> };
export type Obeyed = Pick<Before, 'alerts' | 'silences'> & { readonly changes: readonly AlertChange[]; readonly answer: AlertAnswer };

export function obeyAlertOrder(before: Before, order: AlertOrder, now: Instant): Obeyed {
  const unchanged = { alerts: before.alerts, silences: before.silences, changes: [] };
  switch (order.do) {
    case 'silence':
      return { ...unchanged, ...silence(before, order, now) };
    case 'end-silence':
      return { ...unchanged, ...endSilence(before, order.n) };
    case 'acknowledge':
      return { ...unchanged, ...acknowledge(before, order, now) };
    case 'remember':
      return { ...unchanged, ...remember(before, order.alert, now) };
  }
}

type Outcome = Partial<Obeyed> & Pick<Obeyed, 'answer'>;
const refused = (problem: string, fix: string): Outcome => ({ answer: { problem, fix } });

function silence(before: Before, { device: id, forMs, by, because }: Extract<AlertOrder, { do: 'silence' }>, now: Instant): Outcome {
  const device = id === undefined ? undefined : before.devices.get(id);
  if (id !== undefined && !device) return refused('That device is not known any more.', 'List the devices with: hearthbeat device list');
  if (device?.personal) return refused("It is a person's device: no alert is ever raised about it.", 'Silence another one.');
  const silences = withSilence(before.silences, {
    ...(id === undefined ? {} : { device: id }),
    by,
    ...(because === undefined ? {} : { because }),
    setAt: Math.round(now.wallMs),
    endsMs: now.monoMs + forMs,
  });
  if (silences.list.length > MOST_SILENCES)
    return refused(`${MOST_SILENCES} devices are silenced already.`, 'Silence the whole house with: hearthbeat maintenance');
  const what = device ? titleAndPlace(device) : 'the whole house, but what guards lives';
  return { silences, answer: { done: `Silenced: ${what}.`, until: Math.round(now.wallMs + forMs) } };
}

function endSilence({ silences }: Before, n: number): Outcome {
  if (!silences.list.some((each) => each.n === n)) return refused(`There is no silence ${n}.`, 'List them with: hearthbeat silence list');
  return { silences: withoutSilence(silences, n), answer: { done: 'The silence is over: what is wrong is told from now on.' } };
}

function acknowledge({ alerts }: Before, order: Extract<AlertOrder, { do: 'acknowledge' }>, now: Instant): Outcome {
  const alert = alerts.get(order.key);
  if (alert?.raisedAt !== order.raisedAt) return refused('That alert does not fire any more.', 'See what does with: hearthbeat alert list');
  if (alert.acknowledged && !saysMore(alert.acknowledged, order.acknowledged))
    return refused(`${alert.acknowledged.by} has acknowledged it before.`, 'See when and why with: hearthbeat alert list');
  // Never before the alert, never in the future: it may come from the desk's clock.
  const at = Math.max(alert.raisedAt, Math.min(order.acknowledged.at, Math.round(now.wallMs)));
  const updated: Alert = { ...alert, acknowledged: { ...order.acknowledged, at } };
  return {
    alerts: new Map(alerts).set(alert.key, updated),
    changes: [{ kind: 'alert.updated', alert: updated }],
    answer: { done: `Acknowledged: ${alert.title}.` },
  };
}

/** So many alerts fire of one home at the desk. */
const MOST_FIRING = 500;

/** An end that fires at the desk fires here too, and is answered so that the desk hears it, until the next look says otherwise. */
function remember({ alerts, devices }: Before, told: RememberedAlert, now: Instant): Outcome {
  const place = placeIn(told);
  if (place === undefined || !told.key.startsWith(`${told.code}:${told.device}:`))
    return refused('That is no end of a device.', 'Update the hub, or the desk.');
  const fires = alerts.get(told.key);
  const next = alerts.values().find((alert) => placeIn(alert) === place && isNoLess(alert, told));
  const why = whyOver(told, fires ? undefined : next, devices.get(told.device));
  if (why) return answered('alert.cleared', cleared(why.alert, why.because, now), alerts);
  if (fires) return answered('alert.updated', fires, alerts);
  if (alerts.size >= MOST_FIRING) return refused('Too many alerts fire already.', 'See which with: hearthbeat alert list');
  return answered('alert.updated', told, new Map(alerts).set(told.key, told));
}

function answered(kind: AlertChange['kind'], alert: Alert, alerts: AlertBook): Outcome {
  return { alerts, changes: [{ kind, alert }], answer: { done: `Remembered: ${alert.title}.` } };
}

function whyOver(
  told: RememberedAlert,
  next: Alert | undefined,
  device: DeviceSummary | undefined,
): { alert: Alert; because: string } | undefined {
  if (!device && told.device !== HUB_ID) return { alert: told, because: 'The device is not in this home any more.' };
  if (device?.personal) return { alert: { ...told, ...ofPerson(told.code) }, because: A_PERSONS };
  return next && { alert: told, because: `It goes on: ${next.title}.` };
}

/** Of the same end as late a stage or later; which of two others holds is for the next look to say. */
function isNoLess({ ends, stage }: Alert, told: RememberedAlert): boolean {
  return ends === told.ends && stage !== undefined && stage <= told.stage;
}
