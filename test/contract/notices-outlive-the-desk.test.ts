/** The real `hearthbeat desk`, killed while it sends: what was to be told is told after the next start, under the same name. And `hearthbeat notices`. */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { saveSite } from '../../src/desk/store/sites.ts';
import { insertTicket } from '../../src/desk/store/tickets.ts';
import { newTicket } from '../../src/desk/tickets/ticket.ts';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { workplace } from '../fakes/command.ts';
import { HttpReceiver } from '../fakes/http-receiver.ts';
import { freePort } from '../fakes/mosquitto-program.ts';
import { SIGNING_KEY } from '../fakes/told-desk.ts';

const TIMEOUT_MS = 60_000;
const SITE = '0123456789abcdefghjkmnpqrs';

it('a notice that a killed desk was sending is sent by the next one', { timeout: TIMEOUT_MS }, async () => {
  const place = workplace(onTestFinished);
  const receiver = await HttpReceiver.open();
  receiver.reply = () => undefined;
  const file = place.file(
    'notices.yaml',
    `gather: 0s\nreceivers: {people: {kind: webhook, url: ${receiver.url}, secretEnv: KEY}}\nroutes: [{receivers: [people]}]\n`,
  );
  const ports = `page: {port: ${await freePort()}}, broker: {port: ${await freePort()}}`;
  const config = place.file('hearthbeat.yaml', `log: error\ndata: ${place.folder}\ndesk: {${ports}, notices: ${file}}\n`);
  const run = () => place.start(['--config', config, 'desk'], { env: { KEY: SIGNING_KEY } });
  await (await startedOnce(run)).ended;
  const database = await openDeskDatabase(join(place.folder, 'desk.db'));
  await saveSite(database, { id: SITE, name: 'Lindgren' }, 1);
  await insertTicket(database, newTicket({ site: SITE, title: 'Netflix does not play', isTouched: false }, Date.now()));
  await database.destroy();
  const killed = run();
  await expect.poll(() => receiver.received.length, { timeout: TIMEOUT_MS }).toBe(1);
  killed.kill('SIGKILL');
  await killed.ended;
  receiver.reply = () => ({ status: 204 });
  const next = run();
  await expect.poll(() => receiver.received.length, { timeout: TIMEOUT_MS }).toBe(2);
  next.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
  const [first, second] = receiver.received;
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(JSON.parse(second?.body ?? '{}')).toMatchObject({
    type: 'ticket.opened',
    data: { headline: 'New: Netflix does not play (Lindgren, ticket 1)' },
  });
  const after = await openDeskDatabase(join(place.folder, 'desk.db'));
  onTestFinished(() => after.destroy());
  expect(await after.selectFrom('notice').select(['fate', 'tries']).execute()).toEqual([{ fate: 'sent', tries: 2 }]);
});

/** Makes the tables, and knows its receivers. */
async function startedOnce(run: () => ReturnType<ReturnType<typeof workplace>['start']>) {
  const first = run();
  await first.said('page:');
  first.kill('SIGTERM');
  return first;
}

describe('hearthbeat notices', () => {
  it('check says who is told what, or every problem with its line, without any secret', { timeout: TIMEOUT_MS }, async () => {
    const place = workplace(onTestFinished);
    const good = `receivers: {people: {kind: slack, secretEnv: SLACK}}\nroutes: [{receivers: [people], severities: [critical], changes: [opened]}]\n`;
    const env = { SLACK: 'https://hooks.example.com/services/very-secret' };
    const fine = await place.run(['notices', 'check', place.file('notices.yaml', good)], { env });
    expect(fine).toMatchObject({ code: 0, complaints: [] });
    expect(fine.stdout).toContain('  people  slack, details title\n    opened where severity critical\n');
    expect(fine.stdout + fine.stderr).not.toContain('very-secret');
    const bad = `receivers:
  people: {kind: slak}
  mail: {kind: email, to: [nobody]}
  hook: {kind: webhook, url: "ftp://x", secretFile: a, secretEnv: B}
routes:
  - {receivers: [peple], changes: [open]}
`;
    const told = await place.run(['notices', 'check', place.file('bad.yaml', bad)]);
    expect(told.code).toBe(2);
    const lines = told.stderr.split('\n').filter((line) => line.startsWith('  line'));
    expect(lines).toEqual([
      expect.stringMatching(/line 2: receivers\.people\.kind: must be one of email, webhook, slack/),
      expect.stringMatching(/line 3: receivers\.mail\.to\.0: must be an e-mail address/),
      expect.stringMatching(/line 3: receivers\.mail: needs the section mail/),
      expect.stringMatching(/line 4: receivers\.hook\.url: must be an http/),
      expect.stringMatching(/line 4: receivers\.hook\.secretEnv: must be left out/),
      expect.stringMatching(/line 6: routes\.0\.changes\.0: must be one of opened/),
      expect.stringMatching(/line 6: routes\.0\.receivers\.0: .*did you mean "people"/),
    ]);
    const unset = await place.run(['--json', 'notices', 'check', place.file('unset.yaml', good)]);
    expect(unset.code).toBe(2);
    expect(JSON.parse(unset.stdout)).toMatchObject({
      ok: false,
      problems: [{ path: 'receivers.people', message: 'the environment variable SLACK is not set' }],
    });
  });

  it.each(['desk', 'config check'])('%s refuses a file that is not right', { timeout: TIMEOUT_MS }, async (verb) => {
    const place = workplace(onTestFinished);
    const file = place.file('notices.yaml', 'routes: [{receivers: [nobody]}]\n');
    const config = place.file('hearthbeat.yaml', `data: ${place.folder}\ndesk: {notices: ${file}}\n`);
    const refused = await place.run(['--config', config, ...verb.split(' ')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('routes.0.receivers.0: must be one of the receivers of this file; there are: none');
  });

  it('test sends one notice that says it is a test, and prints the answer', { timeout: TIMEOUT_MS }, async () => {
    const place = workplace(onTestFinished);
    const receiver = await HttpReceiver.open();
    const file = place.file('notices.yaml', `receivers: {phone: {kind: ntfy, url: ${receiver.url}, topic: house}}\n`);
    const page = 'origin: "https://desk.example.com", trustedProxies: [127.0.0.1]';
    const config = place.file('hearthbeat.yaml', `desk: {page: {${page}}, access: accounts, notices: ${file}}\n`);
    const fine = await place.run(['--config', config, 'notices', 'test', 'phone']);
    expect(fine).toMatchObject({ code: 0, stdout: 'phone (ntfy) took it: HTTP 200: ok\n' });
    expect(receiver.bodies).toMatchObject([
      { topic: 'house', message: expect.stringContaining('Test: notices reach phone'), click: 'https://desk.example.com/' },
    ]);
    receiver.reply = () => ({ status: 403, body: 'forbidden' });
    const barred = await place.run(['--json', 'notices', 'test', 'phone', '--file', file]);
    expect(barred.code).toBe(1);
    expect(JSON.parse(barred.stdout)).toMatchObject({ ok: false, outcome: 'barred', answer: 'HTTP 403: forbidden' });
    const pager = place.file('pager.yaml', `receivers: {pager: {kind: pagerduty, url: ${receiver.url}, secretEnv: KEY}}\n`);
    receiver.reply = () => ({ status: 202 });
    await place.run(['notices', 'test', 'pager', '--file', pager], { env: { KEY: 'a-key' } });
    // Nobody is left with an incident.
    expect(receiver.bodies.slice(2).map(({ event_action, dedup_key }) => [event_action, dedup_key])).toEqual([
      ['trigger', 'hearthbeat:test:pager'],
      ['resolve', 'hearthbeat:test:pager'],
    ]);
    expect((await place.run(['notices', 'test', 'fone', '--file', file])).stderr).toContain('Choose one of: phone');
  });
});
