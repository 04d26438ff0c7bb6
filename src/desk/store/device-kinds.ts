/** What a service policy asks of devices, of many homes at once: what kind of thing they are, and how many of a home answer. */
import type { DeviceMessage } from '../../protocol/messages.ts';
import type { DeskDatabase } from './migrations.ts';

export type NamedDevice = { readonly site: string; readonly device: string };

/** Each is one term of the question: SQLite nests them no deeper than 1,000. */
const AT_ONCE = 200;

/** What a device is, as far as its hub told it. */
export type DeviceTraits = Pick<DeviceMessage, 'kind' | 'vendor'>;

export async function findDeviceTraits(
  db: DeskDatabase,
  named: readonly NamedDevice[],
): Promise<(device: NamedDevice) => DeviceTraits | undefined> {
  const traits = new Map<string, DeviceTraits>();
  for (let first = 0; first < named.length; first += AT_ONCE) {
    const rows = await db
      .selectFrom('device')
      .select(['site_id', 'id', 'body'])
      .where(({ or, and }) => or(named.slice(first, first + AT_ONCE).map(({ site, device }) => and({ site_id: site, id: device }))))
      .execute();
    for (const { site_id, id, body } of rows) traits.set(`${site_id} ${id}`, JSON.parse(body ?? '{}') as DeviceMessage);
  }
  return ({ site, device }) => traits.get(`${site} ${device}`);
}

/** Of each of these homes, how many of its devices answer and how many are silent against its will; of others, such as those asleep, nothing is known. */
export async function countSilent(
  db: DeskDatabase,
  sites: readonly string[],
): Promise<{ site: string; answering: number; silent: number }[]> {
  if (sites.length === 0) return [];
  const rows = await db
    .selectFrom('device_state')
    .innerJoin('device', (join) =>
      join.onRef('device.site_id', '=', 'device_state.site_id').onRef('device.id', '=', 'device_state.device_id'),
    )
    .select((eb) => ['device_state.site_id', 'device_state.state', eb.fn.countAll().as('count')])
    .where('device_state.site_id', 'in', sites)
    .where('device.removed_at', 'is', null)
    .groupBy(['device_state.site_id', 'device_state.state'])
    .execute();
  return [...Map.groupBy(rows, ({ site_id }) => site_id)].map(([site, counted]) => {
    const sum = (states: readonly string[]): number =>
      counted.reduce((all, { state, count }) => all + (states.includes(state) ? Number(count) : 0), 0);
    return { site, answering: sum(['up']), silent: sum(['down', 'unreachable', 'suspect']) };
  });
}
