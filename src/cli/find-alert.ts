/** Finds the firing alert that a person means by its number in the list, its key, or words of its title. */
import type { Alert } from '../agent/alerts/alerts.ts';
import { HearthbeatError } from '../base/errors.ts';

/** The oldest is number 1, so that what is raised between a look and an order moves no number. */
export function numbered(alerts: readonly Alert[]): { readonly n: number; readonly alert: Alert }[] {
  return [...alerts].sort((a, b) => a.raisedAt - b.raisedAt || a.key.localeCompare(b.key)).map((alert, i) => ({ n: i + 1, alert }));
}

/** Throws HB_NOT_FOUND, with the candidates when several match. */
export function findAlert(alerts: readonly Alert[], words: string): Alert {
  const wanted = words.trim().toLowerCase();
  const all = numbered(alerts);
  const exact = all.find(({ n, alert }) => String(n) === wanted || alert.key.toLowerCase() === wanted);
  if (exact) return exact.alert;
  const found = all.filter(({ alert }) => wanted.length >= 2 && alert.title.toLowerCase().includes(wanted));
  const [one, ...more] = found;
  if (one && more.length === 0) return one.alert;
  if (!one) throw new HearthbeatError('HB_NOT_FOUND', `No alert that fires is called "${words}".`, 'List them with: hearthbeat alert list');
  const lines = found.slice(0, 8).map(({ n, alert }) => `  ${n}  ${alert.title}`);
  throw new HearthbeatError(
    'HB_NOT_FOUND',
    `"${words}" fits ${found.length} alerts:\n${lines.join('\n')}`,
    'Name the one you mean by its number.',
  );
}
