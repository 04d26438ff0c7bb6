import { describe, expect, it } from 'vitest';
import { companionsOf, type FallBook, noteFalls, restoreFalls } from '../../../../src/agent/health/falls.ts';
import type { Transition } from '../../../../src/agent/health/health.ts';
import type { HealthState } from '../../../../src/protocol/messages.ts';
import { at } from './book.ts';

const change = (deviceId: string, second: number, to: HealthState = 'down', from: HealthState = 'suspect'): Transition =>
  ({ deviceId, from, to, at: at(second), reason: '', evidence: {} }) as unknown as Transition;

/** Falls of each at these minutes. */
function fell(falls: Readonly<Record<string, readonly number[]>>): FallBook {
  const all = Object.entries(falls).flatMap(([id, minutes]) => minutes.map((minute) => ({ id, minute })));
  return all
    .sort((a, b) => a.minute - b.minute)
    .reduce((book, { id, minute }) => noteFalls(book, [change(id, minute * 60)]), new Map() as FallBook);
}

describe('what falls silent together', () => {
  it('is a companion from the third time, where nine of ten falls were of both', () => {
    expect(companionsOf(fell({ tv: [1, 50, 90], switch: [1.5, 50, 90], nas: [1, 50] }), 'tv')).toEqual([{ id: 'switch', times: 3, of: 3 }]);
    expect(companionsOf(fell({ tv: [1, 50], switch: [1, 50] }), 'tv')).toEqual([]);
    expect(companionsOf(fell({ tv: [1, 50, 90], switch: [1, 50, 70, 90] }), 'tv')).toEqual([]);
    const ten = Array.from({ length: 11 }, (_, i) => i * 30);
    expect(companionsOf(fell({ tv: ten, switch: ten.slice(0, 10), ups: ten }), 'tv').map(({ id }) => id)).toEqual(['ups', 'switch']);
    expect(companionsOf(fell({ tv: [1, 50, 90], switch: [3, 52, 92] }), 'tv')).toEqual([]);
  });

  it('counts a fall once, whether it is called down or unreachable, and keeps the newest sixteen', () => {
    const book = noteFalls(new Map(), [change('tv', 1, 'unreachable')]);
    expect(noteFalls(book, [change('tv', 2, 'down', 'unreachable'), change('tv', 3, 'up', 'down')]).get('tv')).toHaveLength(1);
    expect(noteFalls(book, [change('tv', 3, 'up')])).toBe(book);
    const many = fell({ tv: Array.from({ length: 20 }, (_, i) => i * 30) });
    expect(many.get('tv')).toHaveLength(16);
    expect(many.get('tv')?.at(-1)).toBe(at(19 * 30 * 60).wallMs);
  });

  it('is known again from the history', () => {
    const book = fell({ tv: Array.from({ length: 20 }, (_, i) => i * 30), nas: [7] });
    const rows = [...book].flatMap(([deviceId, falls]) => falls.map((sinceAt) => ({ deviceId, sinceAt })));
    expect(restoreFalls(rows.sort((a, b) => b.sinceAt - a.sinceAt))).toEqual(book);
  });
});
