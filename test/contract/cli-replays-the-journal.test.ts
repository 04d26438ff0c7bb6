import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { JournalPart, Stretch } from '../../src/agent/journal/journal.ts';
import { type AgentStore, createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { at, deviceOf, healthOf, idOf, NOTHING, QUIET_SITE } from '../builders/entries.ts';
import { type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal, refusalDocument } from '../fakes/expect-refusal.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

function answered(fromMs: number, toMs: number): Stretch {
  return { outcome: 'answered', fromMs, toMs, questions: Math.ceil((toMs - fromMs) / 5_000), ways: 15, rttMs: 0.4 };
}

/** Three devices that answered for three hours until now; the second was silent from minute 90 for four minutes. */
function journal(): JournalPart[] {
  const beginsAt = Date.now() - 3 * HOUR_MS;
  const silentMs = 30 * MINUTE_MS;
  const silence: Stretch = { outcome: 'silent', fromMs: silentMs, toMs: silentMs + 235_000, questions: 50, ways: 0 };
  const state = { learned: [], sleep: [], services: [], alerts: [], silences: [], outages: [], answeredAnchors: [], site: QUIET_SITE };
  const health = [1, 2, 3].map((n) => healthOf(n, 'up', at(0)));
  return [0, 1, 2].map((hour) => ({
    fromAt: beginsAt + hour * HOUR_MS,
    toAt: beginsAt + (hour + 1) * HOUR_MS - 250,
    isStart: hour === 0,
    canRevalidate: true,
    linksDown: [],
    hub: [],
    orders: [],
    left: 0,
    subjects: new Map(
      [1, 2, 3].map((n) => [
        idOf(n),
        n === 2 && hour === 1
          ? [answered(0, silentMs - 5_000), silence, answered(silentMs + 240_000, HOUR_MS)]
          : [answered(0, HOUR_MS - 1_000)],
      ]),
    ),
    ...(hour === 0 ? { state: { ...state, health } } : {}),
  }));
}

/** A data folder as an agent leaves it; `store` is still open, as that of a running one. */
function dataFolder({ folder }: Workplace, parts: readonly JournalPart[]): { data: string; store: AgentStore } {
  const data = join(folder, 'data');
  mkdirSync(data);
  const store = createAgentStore(openDatabase(join(data, 'agent.db'), AGENT_MIGRATIONS), { random: seededRandom('cli'), start: idOf(1) });
  const devices = [1, 2, 3].map((n) => {
    const device = deviceOf(n);
    return { ...device, addresses: device.addresses.map((address) => ({ ...address, mac: `00:11:32:00:00:0${n}` })) };
  });
  store.commitTick({ ...NOTHING, devices });
  for (const part of parts) store.commitTick({ ...NOTHING, journal: part });
  return { data, store };
}

describe.concurrent('hearthbeat replay', { timeout: 60_000 }, () => {
  it('says what people would have been asked to act on, beside an agent that runs, and changes nothing', async ({
    expect,
    onTestFinished,
  }) => {
    const place = workplace(onTestFinished);
    const { data, store } = dataFolder(place, journal());
    const outcome = await place.run(['replay', '--data', data]);
    expect(outcome).toMatchObject({ code: 0, complaints: [] });
    expect(outcome.stdout).toContain('With the settings of this home people would have been asked to act once.');
    expect(outcome.stdout).toMatch(/ 4 min +2 min +device-down +Unnamed device \(192\.0\.2\.2\) does not answer\n/);
    expect([...store.journal.parts(0)]).toHaveLength(3);
    store.close();
    expect((await place.run(['replay', '--data', data, '--days', '0.01'])).stdout).toContain('people would never have been asked to act.');
  });

  it('tries the policy of another settings file beside that of this home', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = dataFolder(place, journal());
    const file = place.file('trial.yaml', 'policy:\n  hold: { wired: 5min }\n');
    const text = await place.run(['replay', '--data', data, '--policy', file]);
    expect(text.stdout).toContain(`With ${file} people would never have been asked to act; 1 more fault was over before.`);
    expect(text.stdout).toMatch(/^- .*192\.0\.2\.2/m);
    const json = await place.run(['replay', '--data', data, '--policy', file, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      journal: { devices: 3, gaps: [], left: 0 },
      current: { told: 1, asked: [{ code: 'device-down', device: idOf(2), name: expect.stringContaining('device 2') }] },
      policy: { file, told: 1, asked: [] },
      differences: [{ now: { device: idOf(2) } }],
    });
  });

  it('takes the policy of this home from its own settings', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = dataFolder(place, journal());
    const config = place.file('hearthbeat.yaml', 'policy:\n  hold: { wired: 5min }\n');
    const outcome = await place.run(['replay', '--data', data, '--config', config]);
    expect(outcome.stdout).toContain('people would never have been asked to act; 1 more fault was over before.');
  });

  it('says that there is no journal yet, or that no agent ever ran', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const { data } = dataFolder(place, []);
    const empty = await place.run(['replay', '--data', data, '--json']);
    expectRefusal(empty, { says: /There is no journal yet\./, fix: /The agent keeps one from its first hour/ }, expect);
    expect(refusalDocument(empty).code).toBe('HB_NOT_FOUND');
    const nothing = await place.run(['replay', '--data', join(place.folder, 'nowhere')]);
    expectRefusal(nothing, { says: /No agent has ever run/, fix: /hearthbeat up/ }, expect);
  });

  it('refuses a policy with every problem in it, and a time that is none', async ({ expect, onTestFinished }) => {
    const place = workplace(onTestFinished);
    const file = place.file('trial.yaml', 'policy:\n  hold: { wired: soon }\n  confirmations: 2\n');
    const wrong = await place.run(['replay', '--policy', file]);
    expectRefusal(
      wrong,
      { says: /2 problems:\n {2}line 2: policy\.hold\.wired.*\n {2}line 3: policy\.confirmations/, fix: /config check/, exit: 2 },
      expect,
    );
    const days = await place.run(['replay', '--days', 'all']);
    expectRefusal(days, { says: /--days all is no time to look back/, fix: /Give a number up to 31/, exit: 2 }, expect);
  });
});
