/** What a desk says of itself: counted from its tickets, on every engine. */
import { expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { Step } from '../../src/desk/tickets/ticket.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';
import { deviceDown } from '../fakes/hub.ts';

const MINUTE_MS = 60_000;

describeOnEachEngine('a report', (open) => {
  it('counts what alerts asked of people, how soon they answered and whether it was worth it', async () => {
    const world = new DeskWorld(await open());
    await world.start();
    const hub = world.hub();
    await world.send(hub, hub.birth(), hub.heartbeat());
    const now = () => world.clock.now().wallMs;
    const post = (path: string, body: object) =>
      world.desk.app.fetch(
        new Request(`http://127.0.0.1${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { host: '127.0.0.1', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
        }),
      );
    const get = (path: string) => world.desk.app.fetch(new Request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1' } }));
    expect(await (await get('/reports?days=7')).text()).toContain('No ticket was opened in this time');
    for (let i = 0; i < 3; i++)
      await world.send(hub, hub.entry('alert.raised', deviceDown(newRandomId(world.random), now(), { actionableAt: now() })));
    await post('/api/v1/tickets', { site: world.site, title: 'Netflix does not play', by: 'Ann' });
    const tickets = (await world.desk.reader.tickets({ limit: 9 })).toSorted((one, other) => one.number - other.number);
    expect(tickets).toHaveLength(4);
    const step = async (i: number, said: Step): Promise<void> => {
      const [number, version] = [tickets[i]?.number, (await world.desk.reader.ticket(tickets[i]?.number ?? 0))?.version];
      expect((await post(`/api/v1/tickets/${number}/steps`, { version, by: 'Ann', ...said })).status).toBe(200);
    };
    const minutes = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await world.clock.advance(MINUTE_MS);
        await world.send(hub, hub.heartbeat());
      }
    };
    await minutes(10);
    await step(0, { do: 'answer', channel: 'phone', text: 'she looks' });
    await step(0, { do: 'resolve', outcome: 'workaround', text: 'by cable' });
    await minutes(20);
    await step(1, { do: 'answer', channel: 'phone', text: 'he looks' });
    await step(1, { do: 'resolve', outcome: 'false-alarm', text: 'it was off' });

    const asked = await get('/api/v1/reports?days=30');
    expect(await asked.json()).toMatchObject({
      report: {
        homes: 1,
        tickets: { opened: 4, byAlerts: 3, byHand: 1, perHomeAndMonth: 3 },
        answers: { answered: 2, unanswered: 2, medianMs: 10 * MINUTE_MS, p95Ms: 30 * MINUTE_MS },
        outcomes: { workaround: 1, 'false-alarm': 1 },
        precision: 0.5,
        homesMost: [{ name: world.site, tickets: 3 }],
        symptomsMost: [{ name: 'a device', tickets: 3 }],
      },
    });
    const page = await (await get('/reports')).text();
    expect(page).toContain('3.0 for a home and month, in 1 home');
    expect(page).toContain('half of 2; 95 % within 30 min');
    expect([(await get('/reports?days=0')).status, (await get('/api/v1/reports?days=none')).status]).toEqual([400, 400]);
  });
});
