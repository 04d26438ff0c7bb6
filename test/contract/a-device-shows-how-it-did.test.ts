/** What a desk shows of a device's past: what its hub told of it and when nobody looked, on every engine. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { Course } from '../../src/desk/courses/course.ts';
import { dropCoursesBefore } from '../../src/desk/store/courses.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import type { HealthState } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { device, deviceDown, deviceState, type FakeHub, snapshot } from '../fakes/hub.ts';

const [NAS, PHONE] = ['nas', 'phone'].map((name) => newRandomId(seededRandom(name))) as [string, string];
const MINUTE = 60_000;

describeOnEachEngine('the past of a device', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;

  beforeEach(async () => {
    world = new DeskWorld(await open(), { graceMs: 0 });
    await world.start();
    hub = world.hub();
    await world.send(hub, hub.birth(), hub.entry('device.added', device(NAS)), state('up'));
  });

  const now = (): number => world.clock.now().wallMs;
  const state = (is: HealthState, since = now(), rttMs = 0.6) =>
    hub.entry(
      'device.state',
      deviceState(NAS, is, since, {
        evidence: {
          attempts: [{ at: since, method: 'icmp', outcome: 'answered', detail: '', rttMs }],
          lastAnswerAt: {},
          hub: { link: true, gateway: 'up', othersAnswering: 5, eventLoopLagMs: 1 },
        },
      }),
    );
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= MINUTE) {
      await world.clock.advance(Math.min(left, MINUTE));
      await world.send(hub, hub.heartbeat());
    }
  };
  const get = (path: string) => world.desk.app.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } }));
  const courseNow = async (days = 1): Promise<Course> => {
    const answer = (await (await get(`/api/v1/sites/${world.site}/devices/${NAS}?days=${days}`)).json()) as { course: Course };
    return answer.course;
  };
  const told = async (days = 1): Promise<string[]> =>
    (await courseNow(days)).stretches.flatMap(({ from, to, state: is }) =>
      is === 'untold' ? [] : [`${is} ${Math.round((to - from) / MINUTE)}`],
    );

  it('is what its hub told, also late and in another order, and what a snapshot tells again is told once', async () => {
    await pass(10 * MINUTE);
    const [down, up] = [state('down', now(), 40), state('up', now() + 5 * MINUTE, 2)];
    await pass(5 * MINUTE);
    await world.send(hub, up, down);
    await pass(5 * MINUTE);
    const again = { device: device(NAS), state: deviceState(NAS, 'up', (up.d as { since: number }).since) };
    await world.send(hub, hub.entry('snapshot', snapshot(newRandomId(world.random), { devices: [again], alerts: [] })));
    expect(await told()).toEqual(['up 10', 'down 5', 'up 5']);
    const { totals, roundTrips, parts } = await courseNow();
    expect(totals).toMatchObject({ down: 5 * MINUTE, unknown: 0, outages: 1, share: 0.75 });
    expect(roundTrips.map(({ ms }) => ms)).toEqual([0.6, 40, 2]);
    expect(parts).toHaveLength(24);
    expect(await world.database.selectFrom('device_course').selectAll().execute()).toHaveLength(3);
  });

  it('is unknown and never down while its hub was not heard, and known where that hub only could not tell', async () => {
    await pass(10 * MINUTE);
    const cutAt = now();
    await world.clock.advance(20 * MINUTE);
    await world.desk.drain();
    expect(await told()).toEqual(['up 10', 'unknown 20']);
    const [down, up] = [state('down', cutAt + 5 * MINUTE), state('up', cutAt + 15 * MINUTE)];
    await world.send(hub, hub.heartbeat(), down, up);
    await pass(10 * MINUTE);
    expect(await told()).toEqual(['up 10', 'unknown 20', 'up 10']);
    const absence = { why: 'line-cut', from: cutAt, to: cutAt + 20 * MINUTE, text: 'The line was cut.' } as const;
    const site = { gateway: 'up', internet: 'up', hubLink: true, personalDevices: 0 } as const;
    await world.send(hub, hub.entry('site.state', { ...site, absence }));
    expect(await told()).toEqual(['up 15', 'down 10', 'up 15']);
    await pass(MINUTE);
    const off = { ...absence, why: 'hub-lost-power', from: now() - 12 * MINUTE, to: now() - 2 * MINUTE } as const;
    await world.send(hub, hub.entry('site.state', { ...site, absence: off }), hub.entry('site.state', { ...site, absence: off }));
    expect((await courseNow()).totals.unknown).toBe(10 * MINUTE);
    expect(await world.database.selectFrom('home_absence').select('why').execute()).toHaveLength(2);
  });

  it('stands on its page with its alerts and its ticket, and says what nobody saw', async () => {
    await pass(10 * MINUTE);
    await world.send(hub, state('down'), hub.entry('alert.raised', deviceDown(NAS, now(), { actionableAt: now() })));
    await pass(MINUTE);
    const page = await (await get(`/sites/${world.site}/devices/${NAS}`)).text();
    for (const words of ['NAS does not answer', 'Its tickets', '/tickets/1', 'down once for', 'nothing told for', 'Its states'])
      expect([words, page.includes(words)]).toEqual([words, true]);
    expect((await get(`/sites/${world.site}/devices/${NAS}?days=5`)).status).toBe(400);
    expect((await get(`/sites/${world.site}/devices/${newRandomId(world.random)}`)).status).toBe(404);
  });

  it("is nobody's business where the device is somebody's own, though the home tells it", async () => {
    const phone = device(PHONE, {
      name: 'Phone',
      kind: 'phone',
      vendor: 'Acme',
      because: [{ fact: 'kind', source: 'mdns', confidence: 0.9 }],
    });
    await world.send(hub, hub.entry('device.added', phone), hub.entry('device.state', deviceState(PHONE, 'down', now())));
    const answer = await (await get(`/api/v1/sites/${world.site}/devices/${PHONE}`)).json();
    expect(answer).toMatchObject({ device: { name: 'Phone', state: 'unknown' } });
    expect(JSON.stringify(answer)).not.toMatch(/since|course|reason|evidence|down/);
    const page = await (await get(`/sites/${world.site}/devices/${PHONE}`)).text();
    expect(page).toContain("nobody's business");
    expect(page).not.toMatch(/<svg class="band"|s-down|How it did|First seen/);
    // What has not said what it is could be one.
    const unsaid = device(PHONE, { vendor: 'Acme', macs: ['da:11:32:aa:bb:cc'] });
    await world.send(hub, hub.entry('device.changed', unsaid));
    expect(await (await get(`/api/v1/sites/${world.site}/devices/${PHONE}`)).json()).not.toHaveProperty('course');
    expect(await (await get(`/sites/${world.site}/devices/${PHONE}`)).text()).toContain('has not said what it is, and could be somebody');
  });

  it('is forgotten after a while, but for what it was then', async () => {
    await pass(10 * MINUTE);
    await world.send(hub, state('asleep'));
    await pass(10 * MINUTE);
    await world.send(hub, state('up'));
    await pass(10 * MINUTE);
    const ids = Array.from({ length: 40 }, () => newRandomId(world.random));
    await world.database.transaction().execute(async (db) => {
      for (const id of ids) await saveSite(db, { id, name: 'Another home' }, now());
    });
    let pauses = 0;
    await dropCoursesBefore(world.database, now() - 10 * MINUTE, async () => {
      pauses++;
    });
    expect(pauses).toBe(2);
    expect(await world.database.selectFrom('device_course').select('state').execute()).toEqual([{ state: 'up' }]);
    expect((await courseNow()).totals).toMatchObject({ untold: 0, up: 10 * MINUTE });
  });

  describe('costs no more', () => {
    it('however often it changed', async () => {
      const many = Array.from({ length: 2_100 }, (_, i) => ({
        site_id: world.site,
        device_id: NAS,
        since_at: now() - (2_100 - i) * 1000,
        ses: 0,
        pos: i + 1,
        state: i % 2 === 0 ? 'down' : 'up',
        was: null,
        rtt_us: 500,
      }));
      for (let i = 0; i < many.length; i += 300)
        await world.database
          .insertInto('device_course')
          .values(many.slice(i, i + 300))
          .execute();
      await pass(MINUTE);
      const course = await courseNow();
      expect([course.isCut, course.roundTrips.length]).toEqual([true, 2_000]);
      const page = await (await get(`/sites/${world.site}/devices/${NAS}?days=90`)).text();
      expect(page).toContain('only the newest part is drawn');
      expect(page.length).toBeLessThan(120_000);
    });
  });
});
