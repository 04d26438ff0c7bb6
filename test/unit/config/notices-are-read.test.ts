/** A file of notices is read whole or not at all, with every problem at once; the example is one, and the schema for editors is the program's. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readNotices } from '../../../src/config/notices.ts';
import { noticesJsonSchema } from '../../../src/config/notices-schema.ts';

const file = (name: string): string => readFileSync(new URL(`../../../config/${name}`, import.meta.url), 'utf8');
const problemsOf = (yaml: string): string[] => {
  const read = readNotices(yaml);
  return read.ok ? [] : read.error.map(({ path, message }) => `${path}: ${message}`);
};

it('the example is read as it stands', () => {
  const read = readNotices(file('notices.example.yaml'));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const policy = read.value.policyWith(new Map([['shift', 'https://hooks.example.com/x']]), { password: 'p' });
  expect(policy).toMatchObject({ linkTo: 'https://desk.example.com', gatherMs: 20_000 });
  expect([...policy.receivers.keys()]).toEqual([
    'shift',
    'on-call',
    'dealer-holm',
    'prometheus',
    'phone',
    'browsers',
    'leads',
    'other-programs',
  ]);
  expect(policy.receivers.get('dealer-holm')).toMatchObject({
    details: 'full',
    place: { kind: 'email', server: { port: 587, tls: 'starttls', password: 'p' } },
    quiet: { timeZone: 'Europe/Stockholm' },
  });
  expect(policy.receivers.get('on-call')?.most).toBe(Number.POSITIVE_INFINITY);
  expect([policy.receivers.get('browsers')?.place, policy.receivers.get('leads')?.place]).toEqual([
    { kind: 'web-push', onShift: true },
    { kind: 'web-push', onShift: false, roles: new Set(['lead']) },
  ]);
  expect(policy.contact).toBe('desk@example.com');
  expect([...read.value.secrets.keys()]).toEqual(['shift', 'on-call', 'phone', 'other-programs']);
});

it('the schema file for editors is what `hearthbeat notices schema` prints (if not: npm run -s hearthbeat -- notices schema > config/schemas/notices.schema.json)', () => {
  expect(JSON.parse(file('schemas/notices.schema.json'))).toEqual(noticesJsonSchema());
});

it.each([
  [
    'a secret in the open',
    'receivers: {x: {kind: slack, secret: abc}}',
    ['receivers.x.secret: unknown setting; known here: ', 'receivers.x: needs secretFile or secretEnv'],
  ],
  [
    'a token to an address that everybody reads',
    'receivers: {x: {kind: ntfy, url: "http://ntfy.example", topic: a, secretEnv: A}}',
    ['receivers.x.url: must be an https:// address'],
  ],
  [
    'PagerDuty without TLS',
    'receivers: {x: {kind: pagerduty, url: "http://pd.example/", secretEnv: A}}',
    ['receivers.x.url: must be an https:// address', 'receivers.x.url: must be an https:// address'],
  ],
  [
    'an address with a password in it',
    'receivers: {x: {kind: alertmanager, url: "http://a:b@127.0.0.1:9093"}}',
    ['receivers.x.url: must be an http:// or https:// address'],
  ],
  [
    'quiet hours for what has its own',
    'receivers: {x: {kind: alertmanager, url: "http://127.0.0.1:9093", most: 3}}',
    ['receivers.x.most: unknown setting'],
  ],
  [
    'a week without a word',
    'receivers: {x: {kind: ntfy, topic: a, quietHours: {spans: [{from: "00:00", to: "24:00"}]}}}',
    ['receivers.x.quietHours.spans: must leave some time'],
  ],
  ['mail in the open', 'mail: {host: mail.example.com, from: a@example.com, tls: none}', ['mail.tls: must be starttls or tls']],
  [
    'a password without a user',
    'mail: {host: mail.example.com, from: a@example.com, passwordEnv: A}',
    ['mail.username: must be given where a password is'],
  ],
  [
    'a sender with another header in it',
    'mail: {host: mail.example.com, from: "a@example.com\\r\\nBcc: b@example.com"}',
    ['mail.from: must be an address'],
  ],
  [
    'all evidence on a locked screen',
    'receivers: {x: {kind: web-push, details: full}}',
    ['receivers.x.details: must be one of none, title'],
  ],
  ['a push service within the network', 'pushServices: ["10.0.0.1"]', ['pushServices.0: must be a name such as']],
  ['a time that never ends', 'gather: 1h', ['gather: must be a time such as 20s, at most 5min']],
])('%s is refused', (_, yaml, expected) => {
  const problems = problemsOf(yaml);
  expect(problems).toEqual(expected.map((start) => expect.stringContaining(start)));
});
