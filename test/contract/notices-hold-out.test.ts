/** Whatever a receiver does and however often the desk ends: what a receiver that takes each name once has seen is a story of each ticket in its order, and ends as the ticket is. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { HttpAnswer, Post } from '../../src/desk/notices/receivers/receiver.ts';
import { isOpen } from '../../src/desk/tickets/ticket.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { mailNotice } from '../../src/platform/notice-mail.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { noticePolicy, ToldDesk } from '../fakes/told-desk.ts';

/** Among them those in which something was lost once. More: `Array.from({ length: 200 }, (_, i) => i)`. */
const LIVES = [26, 38, 50, 82];
const STEPS = 24;

type Told = { readonly number: number; readonly changes: readonly string[] };

it.each(LIVES)('life %i', async (seed) => {
  const random = seededRandom(`notices ${seed}`);
  const draw = (n: number): number => Math.floor(random.fraction() * n);
  const seen = new Map<string, readonly Told[]>();
  /** Tickets of which a message was lost, as far as the desk can know perhaps behind the receiver. */
  const unsure = new Set<number>();
  let isCalm = false;
  const post: Post = async ({ headers, body }) => {
    const answer = isCalm ? { status: 200, text: '', arrives: true } : answerOf(draw(10));
    if (answer.arrives && !seen.has(headers['webhook-id'] ?? '')) seen.set(headers['webhook-id'] ?? '', toldIn(body));
    if ('failed' in answer) for (const { number } of toldIn(body)) unsure.add(number);
    return answer;
  };
  // In every other life there is room for few messages, so that many are digests.
  const policy = noticePolicy(
    `receivers: {people: {kind: webhook, url: "http://x", secretEnv: KEY, most: ${seed % 2 === 0 ? 3 : 1000}}}\nroutes: [{receivers: [people]}]\n`,
  );
  const desk = await ToldDesk.start(await openDeskDatabase(join(temporaryFolder(), 'desk.db')), policy);
  desk.world.notices = { policy, senders: { post, mail: mailNotice }, random };
  await desk.world.restart();
  const firing: AlertMessage[] = [];
  const devices = Array.from({ length: 5 }, () => newRandomId(random));
  for (let step = 0; step < STEPS; step++) {
    await happen(desk, firing, devices, draw);
    await desk.wait(5_000 * (1 + draw(9)));
  }
  isCalm = true;
  await desk.wait(45 * 60_000);
  const stories = Map.groupBy([...seen.values()].flat(), ({ number }) => number);
  const tickets = await desk.world.desk.reader.tickets({ limit: 1000 });
  expect(tickets.length).toBeGreaterThan(1);
  for (const ticket of tickets) {
    const story = (stories.get(ticket.number) ?? []).flatMap(({ changes }) => changes);
    expect(disorderIn(story, unsure.has(ticket.number)), `ticket ${ticket.number}: ${story.join(', ')}`).toBeUndefined();
    const isTold = story.length > 0 && story.at(-1) !== 'over';
    if (!isOpen(ticket)) expect(isTold, `ticket ${ticket.number} is over: ${story.join(', ')}`).toBe(false);
    else if (ticket.assignee === undefined) expect(isTold, `ticket ${ticket.number} is open: ${story.join(', ')}`).toBe(true);
  }
  expect(desk.world.desk.status().receivers).toMatchObject([{ waiting: 0 }]);
});

/** An answer, and whether the receiver has the message for all that. */
function answerOf(n: number): HttpAnswer & { readonly arrives: boolean } {
  if (n < 5) return { status: 200, text: '', arrives: true };
  if (n < 7) return { status: 503, text: '', arrives: false };
  if (n === 7) return { status: 429, retryAfter: '60', text: '', arrives: false };
  return { failed: 'no answer within 15 s', isUnsent: false, arrives: n === 8 };
}

/** In the order in which a reader sees them. */
function toldIn(body: string): Told[] {
  const { type, data } = JSON.parse(body) as { type: string; data: object };
  const parts = type === 'digest' ? (data as { notices: object[] }).notices : [data];
  return (parts as { changes?: string[]; ticket?: { number: number } }[]).flatMap(({ changes, ticket }) =>
    changes && ticket ? [{ number: ticket.number, changes }] : [],
  );
}

async function happen(desk: ToldDesk, firing: AlertMessage[], devices: readonly string[], draw: (n: number) => number): Promise<void> {
  const open = (await desk.world.desk.reader.tickets({ open: true, limit: 50 })).filter(({ tier }) => tier === 'basic');
  const one = open[draw(open.length || 1)];
  const what = draw(8);
  if (what < 3) firing.push(await desk.fire(devices[draw(devices.length)], { actionableAt: desk.now }));
  else if (what < 5) {
    const [alert] = firing.splice(draw(firing.length || 1), 1);
    if (alert) await desk.clear(alert);
  } else if (what === 5 && one) await desk.act(one.number, { do: 'resolve', outcome: 'no-fault', text: 'It is to be so.' });
  else if (what === 6 && one)
    await desk.act(one.number, draw(2) === 0 ? { do: 'tier', to: 'advanced', override: 'x' } : { do: 'note', text: 'x' });
  else if (what === 7) {
    await desk.world.restart();
    desk.hub = desk.world.hub({ ses: desk.hub.ses });
    await desk.world.send(desk.hub, desk.hub.birth());
  }
}

/** What cannot follow what was told before. */
function disorderIn(story: readonly string[], isUnsure: boolean): string | undefined {
  let isTold = false;
  for (const change of story) {
    const begins = change.startsWith('opened');
    if (begins && isTold && change === 'opened') return 'opened twice';
    if (change === 'over' && !isTold && !isUnsure) return 'over before it was told';
    isTold = change !== 'over';
  }
  return undefined;
}
