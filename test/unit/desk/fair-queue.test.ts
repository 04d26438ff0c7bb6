import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../../src/desk/ingest/fair-queue.ts';

describe('the queue before the store', () => {
  it('lets sites take turns and keeps the order of each', () => {
    const queue = new FairQueue<string>({ items: 100, perSite: 50 });
    for (let i = 0; i < 5; i++) queue.push('loud', `loud ${i}`);
    queue.push('calm', 'calm 0');
    expect(queue.take(3, 2)).toEqual(['loud 0', 'loud 1', 'calm 0']);
    queue.push('calm', 'calm 1');
    expect(queue.take(3, 2)).toEqual(['loud 2', 'loud 3', 'calm 1']);
    expect(queue.take(3, 2)).toEqual(['loud 4']);
    expect([queue.take(3, 2), queue.length]).toEqual([[], 0]);
  });

  it('does not start with the same site each time', () => {
    const queue = new FairQueue<string>({ items: 100, perSite: 50 });
    for (const site of ['a', 'b', 'c']) for (let i = 0; i < 2; i++) queue.push(site, `${site}${i}`);
    expect(queue.take(2, 1)).toEqual(['a0', 'b0']);
    expect(queue.take(2, 1)).toEqual(['c0', 'a1']);
  });

  it('counts and drops what a site or all of them have too much of', () => {
    const queue = new FairQueue<number>({ items: 3, perSite: 2 });
    expect([1, 2, 3].map((n) => queue.push('loud', n))).toEqual([true, true, false]);
    expect([queue.push('calm', 4), queue.push('calm', 5)]).toEqual([true, false]);
    expect([queue.length, queue.dropped]).toEqual([3, 2]);
  });
});
