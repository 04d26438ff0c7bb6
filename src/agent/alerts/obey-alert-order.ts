/** Carries out what people decide about alerts: each order whole, or refused with words that help. An acknowledged alert fires on until it clears. Pure. */
import type { Instant } from '../../base/clock.ts';
import { saysMore } from '../../protocol/acknowledgement.ts';
import { titleAndPlace } from '../inventory/describe.ts';
import type { DeviceSummary } from '../inventory/device.ts';
import type { AlertAnswer, AlertOrder } from './alert-order.ts';
import type { Alert, AlertBook, AlertChange } from './alerts.ts';
import { MOST_SILENCES, type Silences, withoutSilence, withSilence } from './silences.ts';

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
