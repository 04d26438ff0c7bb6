import { expect, it } from 'vitest';
import { connectionCost, datagramCost, REFUSED, Spending } from '../../../../src/agent/evidence/spending.ts';

it.each([
  ['a refused connection', REFUSED, { packets: 1, bytes: 74 }],
  ['an open port', connectionCost({ sent: 0, received: 0 }), { packets: 3, bytes: 206 }],
  ['a page of ten kilobytes', connectionCost({ sent: 150, received: 10_000 }), { packets: 8, bytes: 686 }],
  ['a datagram', datagramCost(40), { packets: 1, bytes: 82 }],
])('%s costs what goes over the wire', (_, cost, wire) => {
  expect(cost).toEqual(wire);
});

it('an account is closed when it is spent and open again a day after its first question', () => {
  const spending = new Spending();
  const budget = { packets: 10, bytes: 1_000 };
  const question = { packets: 3, bytes: 200 };
  let asked = 0;
  for (let ms = 0; ms < 86_400_000; ms += 3_600_000) {
    if (!spending.allows('nas http', question, budget, ms)) continue;
    spending.charge('nas http', question, ms);
    asked++;
  }
  expect(asked).toBe(3);
  expect(spending.allows('nas snmp', question, budget, 0)).toBe(true);
  expect(spending.allows('nas http', question, budget, 86_400_000)).toBe(true);
});

it('ten thousand devices do not make the books grow without end', () => {
  const spending = new Spending();
  const budget = { packets: 1, bytes: 100 };
  for (let n = 0; n < 100_000; n++) spending.charge(`device ${n}`, REFUSED, 0);
  const spent = (n: number): boolean => !spending.allows(`device ${n}`, REFUSED, budget, 0);
  expect([spent(99_999), spent(0)]).toEqual([true, false]);
});
