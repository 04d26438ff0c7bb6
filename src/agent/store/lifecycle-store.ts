/** How near their end devices are, one row a device, and which stages of it were told, one row an end; bodies as JSON. */
import type { Database } from 'better-sqlite3';
import type { VerdictMessage } from '../../protocol/messages.ts';
import type { StageLedger, ToldStage } from '../alerts/stages.ts';
import type { LifecycleChange, SavedLifecycle } from '../lifecycle-watch.ts';
import type { MetaStore } from './meta-store.ts';

export type LifecycleStore = {
  load(): SavedLifecycle;
  save(change: LifecycleChange): void;
};

export function createLifecycleStore(db: Database, meta: MetaStore): LifecycleStore {
  const readVerdicts = db.prepare<[], { id: string; body: string }>('SELECT device_id AS id, body FROM lifecycle ORDER BY device_id');
  const writeVerdict = db.prepare('INSERT INTO lifecycle VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET body = excluded.body');
  const eraseVerdict = db.prepare('DELETE FROM lifecycle WHERE device_id = ?');
  const readStages = db.prepare<[], { id: string; body: string }>('SELECT what AS id, body FROM told_stage ORDER BY what');
  const writeStage = db.prepare(
    'INSERT INTO told_stage VALUES (?, ?) ON CONFLICT (what) DO UPDATE SET body = excluded.body WHERE body <> excluded.body',
  );
  const eraseStage = db.prepare('DELETE FROM told_stage WHERE what = ?');

  function saveLedger({ told, ...rest }: StageLedger): void {
    for (const { id } of readStages.all()) if (!told.has(id)) eraseStage.run(id);
    for (const [what, stage] of told) writeStage.run(what, JSON.stringify(stage));
    meta.set('lifecycle', JSON.stringify(rest));
  }

  return {
    load() {
      const rest = JSON.parse(meta.get('lifecycle') ?? '{"isIntroduced":false}') as Omit<StageLedger, 'told'>;
      return {
        verdicts: new Map(readVerdicts.all().map(({ id, body }) => [id, JSON.parse(body) as VerdictMessage])),
        ledger: { ...rest, told: new Map(readStages.all().map(({ id, body }) => [id, JSON.parse(body) as ToldStage])) },
      };
    },
    save({ verdicts, withoutVerdict, ledger }) {
      for (const [id, verdict] of verdicts) writeVerdict.run(id, JSON.stringify(verdict));
      for (const id of withoutVerdict) eraseVerdict.run(id);
      if (ledger) saveLedger(ledger);
    },
  };
}
