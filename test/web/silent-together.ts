/** Homes of one provider that fell silent together, in the database of a desk that runs: as it would have them after two minutes. */

import { newRandomId } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import { FleetView } from '../../src/desk/incidents/fleet.ts';
import { keepIncidents } from '../../src/desk/incidents/keep.ts';
import { saveAlert } from '../../src/desk/store/alerts.ts';
import { savePresence, saveSite } from '../../src/desk/store/sites.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';

const HEARTBEAT_S = 30;

/** `file`: the database. Answers the incident's number. */
export async function silentTogether(file: string, random: Random, now: number, homes = 12): Promise<number> {
  const database = await openDeskDatabase(file);
  try {
    return await database.transaction().execute(async (db) => {
      for (let i = 0; i < homes; i++) {
        const [id, at] = [newRandomId(random), now - 200_000 + i * 2_000];
        await saveSite(db, { id, name: `Cable street ${i + 1}` }, now - 86_400_000);
        await savePresence(db, id, { phase: 'online', sinceAt: at - 3_600_000, heartbeatS: HEARTBEAT_S, heardAt: at - 100_000 });
        await savePresence(db, id, { phase: 'silent', sinceAt: at, heartbeatS: HEARTBEAT_S, heardAt: at - 100_000 });
        await saveAlert(db, silenceOf(id, at, `Cable street ${i + 1}`));
      }
      const fleet = new FleetView(() => ({ provider: 'Northern Cable', area: 'Brooklyn 11215' }));
      await keepIncidents(db, fleet, now);
      const { number } = await db.selectFrom('incident').select('number').executeTakeFirstOrThrow();
      return Number(number);
    });
  } finally {
    await database.destroy();
  }
}

function silenceOf(site: string, at: number, name: string): Parameters<typeof saveAlert>[1] {
  const told = { key: 'hub-silent', code: 'hub-silent' as const, severity: 'error' as const, raisedAt: at, actionableAt: at + 120_000 };
  return {
    site_id: site,
    key: told.key,
    raised_hub_at: at,
    ses: 0,
    pos: 0,
    code: told.code,
    severity: told.severity,
    device_id: null,
    raised_at: at,
    actionable_at: told.actionableAt,
    cleared_at: null,
    cleared_because: null,
    source: 'desk',
    body: JSON.stringify({ ...told, title: `The hub of ${name} is silent`, text: 'Nothing came from the hub for more than 100 s.' }),
    clock_offset_ms: 0,
    received_at: at,
    late: 0,
  };
}
