import { expect, test } from 'vitest';
import { evidenceOf } from '../../../../src/agent/health/evidence.ts';
import type { CheckRecord } from '../../../../src/agent/health/health.ts';
import { evidenceSchema } from '../../../../src/protocol/messages.ts';
import { at, device, House } from './book.ts';

test('is as the contract wants it, also of a device that said something a fraction of a millisecond ago', () => {
  const wallMs = at(0).wallMs + 413.2195;
  const home = new House([device('nas'), device('tv')]).run(30);
  home.run(5, [{ deviceId: 'nas', at: { monoMs: at(29).monoMs + 0.25, wallMs }, by: 'mdns' }]);
  const record = home.book.get('nas') as CheckRecord;
  const evidence = evidenceOf(record, { book: home.book, hub: home.hub, hearing: home.hearing, now: at(home.now) });
  expect(evidence.lastAnswerAt).toMatchObject({ mdns: Math.round(wallMs) });
  expect(evidenceSchema.safeParse(evidence).error).toBeUndefined();
});
