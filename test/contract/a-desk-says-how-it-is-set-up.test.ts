/** The page of the settings: what holds and since when, and what is wrong with it. */
import { expect, it } from 'vitest';
import { readServicePolicy } from '../../src/config/service.ts';
import { createDesk } from '../../src/desk/desk.ts';
import type { ServicePolicy } from '../../src/desk/service/policy.ts';
import { policyText, readPolicy } from '../../src/desk/settings/kept-policy.ts';
import type { DeskAbout, SettingsView } from '../../src/desk/settings/settings-view.ts';
import { sqliteFacts } from '../../src/platform/desk-database.ts';
import { postgresFacts } from '../../src/platform/desk-postgres.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld, MemoryLink, silentLog } from '../fakes/desk-world.ts';

const DAY = 86_400_000;

function policy(version: string, within: string, since = '2026-01-01'): ServicePolicy {
  const text = `version: "${version}"\nsince: ${since}\nplans:\n  basic: {covers: {severities: [critical]}, firstAnswer: {within: ${within}}}\n`;
  const read = readServicePolicy(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

describeOnEachEngine('the settings of a desk', (open) => {
  it('say which policy holds since when, whose file it is, and what it changed', async () => {
    const world = new DeskWorld(await open());
    const { database, clock } = world;
    const about: DeskAbout = {
      hasAccounts: false,
      hasOwnBroker: true,
      database: () =>
        sqliteFacts(database, 'desk.db').catch(() => postgresFacts(database, { host: '/run', port: 5432, name: 'desk', user: 'desk' })),
    };
    const run = async (service: ServicePolicy | undefined, more: Partial<DeskAbout> = {}): Promise<SettingsView> => {
      const serviceSource = { file: '/etc/service.yaml', changedAt: clock.now().wallMs, changedBy: 'dana' };
      const desk = createDesk({
        clock,
        log: silentLog,
        database,
        link: new MemoryLink(),
        assets: {},
        service,
        serviceSource,
        about: { ...about, ...more },
      });
      await desk.start();
      const ask = (path: string) => desk.app.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } }));
      const page = await ask('/settings');
      expect(page.status).toBe(200);
      const { settings } = (await (await ask('/api/v1/settings')).json()) as { settings: SettingsView };
      for (const { what } of settings.troubles) expect(await (await ask('/settings')).text()).toContain(what);
      await desk.stop();
      return settings;
    };
    const first = await run(policy('1', '30min'));
    const startedAt = clock.now().wallMs;
    expect(first.policies).toMatchObject([
      { version: '1', heldFrom: startedAt, changes: [], changedBy: 'dana', file: '/etc/service.yaml' },
    ]);
    expect(first.database).toMatchObject({ engine: expect.stringMatching(/^(SQLite 3|PostgreSQL 1)/) });
    expect(first.database?.bytes).toBeGreaterThan(50_000);
    await clock.advance(DAY);
    expect((await run(policy('1', '30min'))).policies).toHaveLength(1);
    const second = await run(policy('2', '10min'));
    expect(second.policies.map(({ version, changes }) => [version, changes])).toEqual([
      ['2', ['plan basic: first answer: within 10 min (was within 30 min)', expect.stringContaining('warned')]],
      ['1', []],
    ]);
    const silently = await run(policy('2', '5min'));
    expect(silently.policies[0]?.changes?.[0]).toContain('both are version "2"');
    await database.updateTable('policy_version').set({ body: '{"version":"2"}' }).execute();
    expect((await run(policy('3', '5min', '2099-01-01'))).policies[0]).not.toHaveProperty('changes');
    const wrong = (settings: SettingsView) => settings.troubles.filter(({ isNote }) => isNote !== true).map(({ what }) => what);
    expect(wrong(await run(policy('3', '5min', '2099-01-01')))).toEqual([expect.stringContaining('holds since 2099-01-01')]);
    const none = await run(undefined, { certificate: () => ({ file: '/etc/desk.pem', endsAt: clock.now().wallMs + 3.5 * DAY }) });
    expect([none.holdsPolicy, wrong(none)]).toEqual([false, ['The certificate of the page ends in 3 days.']]);
  });
});

it('a policy that is kept as text is the same policy', () => {
  const one = policy('1', '30min');
  expect(readPolicy(policyText(one))).toEqual(one);
});
