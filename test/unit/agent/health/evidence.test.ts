import { expect, test } from 'vitest';
import { evidenceOf } from '../../../../src/agent/health/evidence.ts';
import type { CheckRecord } from '../../../../src/agent/health/health.ts';
import { evidenceSchema } from '../../../../src/protocol/messages.ts';
import { at, device, House, silent } from './book.ts';

test('is as the contract wants it, also of a device that said something a fraction of a millisecond ago', () => {
  const wallMs = at(0).wallMs + 413.2195;
  const home = new House([device('nas'), device('tv')]).run(30);
  home.run(5, [{ deviceId: 'nas', at: { monoMs: at(29).monoMs + 0.25, wallMs }, by: 'mdns' }]);
  const record = home.book.get('nas') as CheckRecord;
  const evidence = evidenceOf(record, { book: home.book, hub: home.hub, hearing: home.hearing, now: at(home.now) });
  expect(evidence.lastAnswerAt).toMatchObject({ mdns: Math.round(wallMs) });
  expect(evidenceSchema.safeParse(evidence).error).toBeUndefined();
});

test.each([
  ['beside a TV, as if they were not there', ['tv'], ['phone', 'laptop', 'watch']],
  ['alone, as somebody', [], ['phone', 'laptop', 'watch']],
])('counts the devices of persons %s: a number would tell who is at home', (_, others, persons) => {
  const home = new House([...['nas', ...others].map((id) => device(id)), ...persons.map((id) => device(id, { personal: true }))]).run(60);
  home.behaviour.set('nas', silent);
  home.run(30);
  expect(home.state('nas')).toBe('down');
  const record = home.book.get('nas') as CheckRecord;
  expect(record.reason).toContain('The hub hears 1 other device.');
  const devices = new Map(persons.map((id) => [id, device(id, { personal: true })]));
  const evidence = evidenceOf(record, { book: home.book, devices, hub: home.hub, hearing: home.hearing, now: at(home.now) });
  expect(evidence.hub.othersAnswering).toBeLessThanOrEqual(1);
});
