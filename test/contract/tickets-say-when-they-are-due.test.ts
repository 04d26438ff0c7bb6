/** A ticket has the clock of what is promised about its alerts, and an answer to the client stops it. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import { createDesk, type Desk } from '../../src/desk/desk.ts';
import { saveSite } from '../../src/desk/store/sites.ts';
import { loadWebAssets } from '../../src/platform/web-assets.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld, silentLog } from '../fakes/desk-world.ts';
import { deviceDown, type FakeHub } from '../fakes/hub.ts';

const [NAS, LAMP] = ['nas', 'lamp'].map((name) => newRandomId(seededRandom(name))) as [string, string];
const PRIORITY_HOME = newRandomId(seededRandom('priority'));
const MINUTE_MS = 60_000;

const policyFor = (site: string): string => `version: "1"
since: 2026-01-01
standardPlan: basic
plans:
  basic:
    covers: {severities: [critical, error]}
    firstAnswer: {within: 30min}
  priority:
    covers: {}
    firstAnswer: {within: 5min}
homes:
  ${PRIORITY_HOME}: {plan: priority}
  ${site}: {plan: basic, dealer: Holm, consent: {by: Mrs Lindgren, on: 2026-11-02, rate: 95 EUR per hour, recordedBy: Anna}}
`;

describeOnEachEngine('a ticket about which something is promised', (open) => {
  let world: DeskWorld;
  let hub: FakeHub;
  let desk: Desk;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    await world.start();
    hub = world.hub();
    const policy = readServicePolicy(policyFor(world.site));
    if (!policy.ok) throw new Error(JSON.stringify(policy.error));
    const { clock, database, link } = world;
    desk = createDesk({ clock, log: silentLog, database, link, assets: loadWebAssets(), service: policy.value });
    await world.send(hub, hub.birth());
  });

  const now = (): number => world.clock.now().wallMs;
  const fire = (device: string) => world.send(hub, hub.entry('alert.raised', deviceDown(device, now(), { actionableAt: now() })));
  const queue = () => desk.reader.tickets({ open: true, limit: 9 });
  const step = async (number: number, version: number, said: object): Promise<number> => {
    const request = new Request(`http://127.0.0.1:7080/api/v1/tickets/${number}/steps`, {
      method: 'POST',
      headers: { host: '127.0.0.1:7080', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ version, by: 'Ben', ...said }),
    });
    return (await desk.app.fetch(request)).status;
  };
  const answer = (number: number, version: number) => step(number, version, { do: 'answer', channel: 'phone', text: 'We look at it.' });

  it('is listed by who is due next, with the clock, and behind the others when it is answered', async () => {
    const firstAt = now();
    await fire(NAS);
    await world.clock.advance(MINUTE_MS);
    await fire(LAMP);
    const [nas, lamp] = await queue();
    expect([nas?.answer?.dueAt, lamp?.answer?.dueAt]).toEqual([firstAt + 30 * MINUTE_MS, firstAt + 31 * MINUTE_MS]);
    expect(nas?.answer?.state).toBe('running');
    expect(await answer(nas?.number ?? 0, nas?.version ?? 0)).toBe(200);
    expect((await queue()).map(({ number }) => number)).toEqual([lamp?.number, nas?.number]);
    const [answered] = (await desk.reader.firing(world.site)).filter(({ device }) => device === NAS);
    expect(answered?.service?.firstAnswer).toMatchObject({ state: 'answered', answeredAt: now() });
    const page = await desk.app.fetch(new Request('http://127.0.0.1:7080/tickets', { headers: { host: '127.0.0.1:7080' } }));
    expect(await page.text()).toContain('first answer due');
  });

  it('is at the head of a long queue where it is due next, though others were there before', async () => {
    for (const device of [NAS, LAMP]) await fire(device);
    await world.clock.advance(MINUTE_MS);
    await saveSite(world.database, { id: PRIORITY_HOME, name: 'Villa' }, now());
    const other = world.hub({ site: PRIORITY_HOME });
    await world.send(other, other.birth(), other.entry('alert.raised', deviceDown(NAS, now(), { actionableAt: now() })));
    expect(await desk.reader.tickets({ open: true, limit: 1 })).toMatchObject([
      { siteName: 'Villa', answer: { dueAt: now() + 5 * MINUTE_MS } },
    ]);
    expect(await desk.reader.countOpenTickets(now())).toEqual({ open: 3, unanswered: 3 });
    const [first] = await queue();
    expect(await step(first?.number ?? 0, first?.version ?? 0, { do: 'snooze', minutes: 10 })).toBe(200);
    expect(await desk.reader.countOpenTickets(now())).toEqual({ open: 2, unanswered: 2 });
    expect(await desk.reader.countOpenTickets(now() + 10 * MINUTE_MS)).toEqual({ open: 3, unanswered: 3 });
  });

  it('is handed over by the consent that is on record, which the audit keeps with it', async () => {
    await fire(NAS);
    const [{ number, version } = { number: 0, version: 0 }] = await queue();
    expect(await step(number, version, { do: 'tier', to: 'advanced' })).toBe(200);
    const ticket = await desk.reader.ticket(number);
    expect(ticket).toMatchObject({ tier: 'advanced', consent: { by: 'Mrs Lindgren', rate: '95 EUR per hour' } });
    expect(JSON.parse(ticket?.deeds.at(-1)?.detail ?? '{}')).toMatchObject({ consent: { from: 'Mrs Lindgren', rate: '95 EUR per hour' } });
    const page = await desk.app.fetch(new Request(`http://127.0.0.1:7080/tickets/${number}`, { headers: { host: '127.0.0.1:7080' } }));
    expect((await page.text()).replace(/<[^>]+>/g, '')).toContain('On record: Mrs Lindgren agreed to 95 EUR per hour on 2026-11-02');
  });
});
