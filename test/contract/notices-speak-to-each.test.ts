/** Each kind of receiver is told in its own words, over real sockets: Alertmanager itself, and what Slack, PagerDuty and ntfy are documented to take. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { post } from '../../src/platform/notice-post.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { Alertmanager, SKIP_ALERTMANAGER } from '../fakes/alertmanager.ts';
import { HttpReceiver } from '../fakes/http-receiver.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { CAMERA, NAS, noticePolicy, ToldDesk } from '../fakes/told-desk.ts';

const MINUTE_MS = 60_000;
const HOSTILE = 'NAS @channel <!everyone> [free](http://eve.example) ![x](https://eve.example/x.png) *bold* `code`\u202e\u0007';

async function start(receivers: string, secrets: Record<string, string> = {}, clock?: VirtualClock): Promise<ToldDesk> {
  const names = [...receivers.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name).join(', ');
  const policy = noticePolicy(`linkTo: https://desk.example.com\nreceivers:\n${receivers}\nroutes: [{receivers: [${names}]}]\n`, secrets);
  return ToldDesk.start(await openDeskDatabase(join(temporaryFolder(), 'desk.db')), policy, undefined, clock);
}

describe.skipIf(SKIP_ALERTMANAGER)('Alertmanager (sudo apt-get install prometheus-alertmanager)', () => {
  it('has an alert for each open ticket, again after it forgot them, and none when it is over', async () => {
    const alertmanager = await Alertmanager.open();
    // It compares what it is told with its own clock.
    const desk = await start(
      `  prometheus: {kind: alertmanager, url: "${alertmanager.url}"}`,
      {},
      new VirtualClock(Date.now() - 18 * MINUTE_MS),
    );
    await desk.fire();
    await desk.fire(CAMERA, { title: 'Camera does not answer', severity: 'critical' });
    await desk.wait(MINUTE_MS);
    const { site } = desk.world;
    const firing = async () => (await alertmanager.firing()).sort((a, b) => Number(a.labels.ticket) - Number(b.labels.ticket));
    expect(await firing()).toMatchObject([
      {
        labels: { alertname: 'HearthbeatTicket', ticket: '1', site, severity: 'error' },
        annotations: { summary: 'New: NAS does not answer (Lindgren, ticket 1)' },
        generatorURL: 'https://desk.example.com/tickets/1',
      },
      { labels: { ticket: '2', severity: 'critical' } },
    ]);
    // What gets worse is the same alert still.
    await desk.fire(NAS, { key: `service-down:${NAS}:445`, code: 'service-down', severity: 'critical' });
    await desk.act(1, { do: 'tier', to: 'advanced', override: 'nobody answers' });
    await desk.act(2, { do: 'take' });
    await desk.wait(MINUTE_MS);
    expect((await firing()).map(({ labels }) => labels.severity)).toEqual(['error', 'critical']);
    await alertmanager.kill();
    await alertmanager.start();
    expect(await firing()).toEqual([]);
    await desk.wait(6 * MINUTE_MS);
    expect((await firing()).map(({ labels }) => labels.ticket)).toEqual(['1', '2']);
    await desk.act(1, { do: 'resolve', outcome: 'workaround', text: 'Another one does its work.' });
    await desk.wait(MINUTE_MS);
    expect((await firing()).map(({ labels }) => labels.ticket)).toEqual(['2']);
    expect(desk.world.desk.status().receivers?.[0]?.failingSince).toBeUndefined();
  });
});

it('PagerDuty has an incident for each ticket, which is acknowledged and resolved as the ticket is', async () => {
  const pagerduty = await HttpReceiver.open();
  pagerduty.reply = () => ({ status: 202, body: '{"status":"success"}' });
  const desk = await start(`  pager: {kind: pagerduty, url: "${pagerduty.url}/v2/enqueue", secretEnv: KEY}`, { pager: 'a-routing-key' });
  const alert = await desk.fire(NAS, { severity: 'critical' });
  await desk.wait(MINUTE_MS);
  await desk.act(1, { do: 'take' });
  await desk.wait(MINUTE_MS);
  await desk.clear(alert);
  await desk.wait(40 * MINUTE_MS);
  const key = `hearthbeat:${desk.world.site}:1`;
  expect(pagerduty.bodies).toEqual([
    {
      routing_key: 'a-routing-key',
      event_action: 'trigger',
      dedup_key: key,
      client: 'hearthbeat',
      client_url: 'https://desk.example.com/tickets/1',
      payload: {
        summary: 'New: NAS does not answer (Lindgren, ticket 1)',
        source: 'Lindgren',
        severity: 'critical',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    },
    { routing_key: 'a-routing-key', event_action: 'acknowledge', dedup_key: key },
    { routing_key: 'a-routing-key', event_action: 'resolve', dedup_key: key },
  ]);
});

it('Slack and its like make no mention, link, picture or markup of what a device calls itself', async () => {
  const slack = await HttpReceiver.open();
  const desk = await start('  people: {kind: slack, secretEnv: URL, details: full}', { people: `${slack.url}/services/T0/B0/secret` });
  await desk.fire(NAS, { title: HOSTILE, text: '<https://eve.example|Open at the desk> & more' });
  await desk.wait(MINUTE_MS);
  expect(slack.received.map(({ path }) => path)).toEqual(['/services/T0/B0/secret']);
  const { text } = slack.bodies[0] as { text: string };
  expect(text.match(/<[^>]*>/g)).toEqual(['<https://desk.example.com/tickets/1|Open at the desk>']);
  expect(text).toContain('&lt;!everyone&gt;');
  expect(text).toContain('&amp; more');
  const said = text.slice(0, text.lastIndexOf('\n'));
  expect(said).not.toMatch(/@\w|:\/\/|\]\(|!\[|\*\w|`\w|[\u202e\u0007]/);
  expect(slack.bodies[0]).toMatchObject({ link_names: false, unfurl_links: false });
});

it('ntfy is told how urgent it is, where to touch, and by which name it would come again', async () => {
  const ntfy = await HttpReceiver.open();
  const desk = await start(`  phone: {kind: ntfy, url: "${ntfy.url}", topic: house, secretEnv: TOKEN, details: none}`, {
    phone: 'tk_secret',
  });
  const alert = await desk.fire(NAS, { severity: 'critical' });
  await desk.wait(MINUTE_MS);
  await desk.clear(alert);
  await desk.wait(6 * MINUTE_MS);
  expect(ntfy.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer tk_secret', 'Bearer tk_secret']);
  expect(ntfy.bodies).toMatchObject([
    {
      topic: 'house',
      message: 'New: ticket 1',
      priority: 5,
      click: 'https://desk.example.com/tickets/1',
      sequence_id: expect.stringMatching(/^[-_A-Za-z0-9]{1,64}$/),
    },
    { topic: 'house', message: 'Over by itself: ticket 1', priority: 2 },
  ]);
});

it('what a receiver does with a request is known: whether it can have arrived, and no more of its answer than is of use', async () => {
  const receiver = await HttpReceiver.open();
  const request = { method: 'POST', url: receiver.url, headers: {}, body: '{}' } as const;
  receiver.reply = () => undefined;
  expect(await post(request, 100)).toEqual({ failed: 'no answer within 0.1 s', isUnsent: false });
  receiver.reply = () => 'broken';
  expect(await post(request, 5_000)).toMatchObject({ isUnsent: false });
  receiver.reply = () => ({ status: 500, headers: { 'retry-after': '7' }, body: 'x'.repeat(1024 * 1024) });
  const { text, ...answer } = (await post(request, 5_000)) as { text: string };
  expect(answer).toEqual({ status: 500, retryAfter: '7' });
  expect(text.length).toBe(16 * 1024);
  await receiver.close();
  expect(await post(request, 5_000)).toEqual({ failed: 'ECONNREFUSED', isUnsent: true });
});
