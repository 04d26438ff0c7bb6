import { join } from 'node:path';
import { describe, it, type TestContext } from 'vitest';
import { createAgentStore } from '../../src/agent/store/agent-store.ts';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { verdictOf } from '../builders/ends.ts';
import { alertOf, deviceOf, healthOf, idOf, at as instant, NOTHING } from '../builders/entries.ts';
import { type Workplace, workplace } from '../fakes/command.ts';
import { expectRefusal } from '../fakes/expect-refusal.ts';

const YEAR = new Date().getUTCFullYear();
const ENDS = `${YEAR + 1}-06`;
const PLAN = `${YEAR + 2}-03`;

const openStore = (folder: string) =>
  createAgentStore(openDatabase(join(folder, 'agent.db'), AGENT_MIGRATIONS), { random: seededRandom('left'), start: idOf(99) });

const told = (value: string) => ({ value, confidence: 1, source: 'test', at: 1 });

/** What an agent left that has stopped: one device whose support ends next year, told, and one that is down. */
function placeWithEnds({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Workplace {
  const place = workplace(onTestFinished);
  const store = openStore(place.folder);
  const ending = {
    ...alertOf(`support-ending:${idOf(1)}:acme-1`, instant(1_000)),
    code: 'support-ending' as const,
    severity: 'info' as const,
    title: 'Its maker looks after device 1 not much longer',
    text: 'Acme 1: security updates end. Plan its replacement. Evidence: announced date, Acme lifecycle.',
    device: idOf(1),
    stage: 365,
    ends: ENDS,
  };
  const ends = { what: 'security updates', on: ENDS };
  store.commitTick({
    ...NOTHING,
    devices: [
      { ...deviceOf(1), facts: { vendor: [told('Philips')], model: [told('BSB001')], kind: [told('hub')], name: [told('device 1')] } },
      deviceOf(2),
    ],
    health: [healthOf(1, 'up', instant(1)), healthOf(2, 'down', instant(1))],
    unfinished: { waiting: [], initial: false, held: [] },
    alerts: [ending, { ...alertOf(`device-down:${idOf(2)}`, instant(2_000)), device: idOf(2) }],
    lifecycle: { verdicts: [[idOf(1), verdictOf(1, { ends, timeline: [ends, { what: 'the warranty', on: PLAN }] })]], withoutVerdict: [] },
  });
  store.close();
  return place;
}

const run = (place: Workplace, ...args: string[]) => place.run([...args, '--data', place.folder], { env: { USER: 'anna' } });

describe.concurrent('a device that nears its end', { timeout: 90_000 }, () => {
  it('is planned for a day: list, why and show say it, and the desk is told with the verdict', async ({ expect, onTestFinished }) => {
    const place = placeWithEnds({ onTestFinished });
    expect((await run(place, 'alert', 'list')).stdout).toMatch(
      /^2 {2}error [\s\S]*\nTo plan for:\n1 {2}info {2}Its maker looks after device 1[^\n]*\n {2}ends in \d+ months \(June 20\d\d\); told for [\s\S]*Evidence: announced date, Acme lifecycle/,
    );
    expect(await run(place, 'alert', 'ack', '1', '--planned-for', PLAN, '--note', 'ordered')).toMatchObject({ code: 0 });
    const planned = new RegExp(`planned for March ${YEAR + 2}, acknowledged by anna at .*: ordered`);
    expect((await run(place, 'alert', 'list')).stdout).toMatch(planned);
    const why = (await run(place, 'why', 'device 1')).stdout;
    expect(why).toMatch(planned);
    expect(why).toMatch(/Ends in \d+ months.*Evidence: announced date, Acme lifecycle/);
    const card = (await run(place, 'device', 'show', 'device 1')).stdout;
    expect(card).toMatch(
      new RegExp(
        `What of it ends\\n +Ends +${ENDS} +security updates\\n +${PLAN} +the warranty\\n +Planned for +${PLAN}\\n +Evidence +announced date; CNET: Philips Hue`,
      ),
    );
    expect((await run(place, 'lifecycle', 'list')).stdout).toMatch(new RegExp(`overdue .*BSB001.*Planned for ${PLAN}\\. Replace it`));
    expect(JSON.parse((await run(place, 'lifecycle', 'list', '--json')).stdout)).toMatchObject({
      devices: [{ state: 'overdue', plannedFor: PLAN }],
    });
    const store = openStore(place.folder);
    const told = store.outbox.next(0, 10).map(({ kind, body }) => ({ kind, body: JSON.parse(body) as unknown }));
    store.close();
    expect(told).toMatchObject([
      { kind: 'device.lifecycle', body: { device: idOf(1), verdict: { plannedFor: PLAN } } },
      { kind: 'alert.updated', body: { stage: 365, acknowledged: { by: 'anna', note: 'ordered', plannedFor: PLAN } } },
    ]);
  });

  it('is no fault: alone it makes no list of what is wrong', async ({ expect, onTestFinished }) => {
    const place = placeWithEnds({ onTestFinished });
    const store = openStore(place.folder);
    store.commitTick({ ...NOTHING, alerts: [{ ...alertOf(`device-down:${idOf(2)}`, instant(2_000)), clearedAt: instant(3_000).wallMs }] });
    store.close();
    expect(await run(place, 'alert', 'list')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing is wrong\.\n\nTo plan for:\n/),
    });
    expect((await run(place, 'status')).stdout).toMatch(/Alerts +none\nTo plan +Its maker looks after device 1/);
  });

  it('may be planned for after it was noted, and for another day, but not noted twice', async ({ expect, onTestFinished }) => {
    const place = placeWithEnds({ onTestFinished });
    expect(await run(place, 'alert', 'ack', '1')).toMatchObject({ code: 0 });
    expect(await run(place, 'alert', 'ack', '1', '--planned-for', ENDS)).toMatchObject({ code: 0 });
    expect(await run(place, 'alert', 'ack', '1', '--planned-for', PLAN)).toMatchObject({ code: 0 });
    for (const again of [[], ['--planned-for', PLAN]])
      expectRefusal(
        await run(place, 'alert', 'ack', '1', ...again),
        { exit: 1, says: /anna has acknowledged it before/, fix: /alert list/ },
        expect,
      );
  });

  it('is not planned for a day that makes no sense, nor is anything else', async ({ expect, onTestFinished }) => {
    const place = placeWithEnds({ onTestFinished });
    const cases: [args: string[], says: RegExp, fix: RegExp][] = [
      [['1', '--planned-for', 'spring'], /“spring” is no date/, /2027-03, or the day/],
      [['1', '--planned-for', '31.3.2027'], /“31.3.2027” is no date/, /2027-03-31/],
      [['1', '--planned-for', `${YEAR + 1}-13`], /is no date/, /month/],
      [['1', '--planned-for', '2020-03'], /2020-03 is over/, /Until when/],
      [['1', '--planned-for', `${YEAR + 40}`], /more than ten years away/, /Is the year right/],
      [['2', '--planned-for', PLAN], /not about something that nears its end/, /without --planned-for/],
    ];
    for (const [args, says, fix] of cases) expectRefusal(await run(place, 'alert', 'ack', ...args), { exit: 2, says, fix }, expect);
  });
});
