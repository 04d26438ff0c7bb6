import { describe, expect, it } from 'vitest';
import { FindingsHeard } from '../../../../src/agent/evidence/findings-heard.ts';
import { NamePlan } from '../../../../src/agent/evidence/name-plan.ts';

const MINUTE = 60_000;
const model = (name: string) => ({ fields: { model: name } });

describe('what devices shout', () => {
  it('is news once, again when it changes, and after ten minutes as a sign of life', () => {
    const heard = new FindingsHeard();
    expect(heard.hear('eth0 .9 tuya', model('a'), 0)).toBe('news');
    expect(heard.hear('eth0 .9 tuya', model('a'), 5_000)).toBe('repeat');
    expect(heard.hear('eth0 .9 kasa', model('a'), 5_000)).toBe('news');
    expect(heard.hear('eth0 .9 tuya', model('b'), 6_000)).toBe('news');
    expect(heard.hear('eth0 .9 tuya', model('a'), 10 * MINUTE)).toBe('news');
  });

  it('is not heard out of who says ever new things, nor of ever new senders', () => {
    const heard = new FindingsHeard({ senders: 3, perSender: 2 });
    expect(['a', 'b', 'c'].map((name) => heard.hear('x', model(name), 0))).toEqual(['news', 'news', 'full']);
    expect(['y', 'z', 'w', 'v'].map((sender) => heard.hear(sender, model('a'), 0))).toEqual(['news', 'news', 'full', 'full']);
    expect(heard.senders).toBe(3);
    expect(heard.hear('w', model('a'), 10 * MINUTE)).toBe('news');
    expect(heard.senders).toBe(3);
  });
});

describe('the resolver', () => {
  const wanted = (ip: string) => ({ interface: 'eth0', ip });
  const drained = (plan: NamePlan): string[] => {
    const asked: string[] = [];
    for (let next = plan.next(); next; next = plan.next()) asked.push(next.ip);
    return asked;
  };

  it('is asked once for a machine at an address, and at once when another one comes there', () => {
    const plan = new NamePlan();
    expect(plan.want(wanted('1'), 'aa', 0)).toBe(true);
    expect(plan.want(wanted('1'), 'aa', 0)).toBe(false);
    expect(drained(plan)).toEqual(['1']);
    plan.done(wanted('1'), 'named', 0);
    expect(plan.want(wanted('1'), 'aa', 5 * 60 * MINUTE)).toBe(false);
    expect(plan.want(wanted('1'), 'bb', 5 * 60 * MINUTE)).toBe(true);
  });

  it('is asked again sooner where it knew no name', () => {
    const plan = new NamePlan();
    for (const ip of ['1', '2']) plan.want(wanted(ip), 'aa', 0);
    drained(plan);
    plan.done(wanted('1'), 'named', 0);
    plan.done(wanted('2'), 'unnamed', 0);
    expect(['1', '2'].map((ip) => plan.want(wanted(ip), 'aa', 61 * MINUTE))).toEqual([false, true]);
    expect(plan.want(wanted('1'), 'aa', 6 * 60 * MINUTE)).toBe(true);
  });

  it('is asked four things at a time, and no more wait than fit', () => {
    const plan = new NamePlan();
    const taken = Array.from({ length: 600 }, (_, i) => plan.want(wanted(String(i)), 'aa', 0));
    expect(taken.filter(Boolean)).toHaveLength(512);
    expect(drained(plan)).toEqual(['0', '1', '2', '3']);
    plan.done(wanted('0'), 'named', 0);
    expect(drained(plan)).toEqual(['4']);
    plan.forgetInterface('eth0');
    plan.done(wanted('1'), 'named', 0);
    expect(drained(plan)).toEqual([]);
  });

  it('is asked for newcomers however many addresses there were, and once more for who was forgotten over them', () => {
    const plan = new NamePlan();
    const ask = (ip: string): boolean => {
      const isTaken = plan.want(wanted(ip), 'aa', 0);
      for (let next = plan.next(); next; next = plan.next()) plan.done(next, 'named', 0);
      return isTaken;
    };
    expect(Array.from({ length: 2049 }, (_, i) => ask(`${i}`)).every(Boolean)).toBe(true);
    expect(['2048', '1', '0'].map(ask)).toEqual([false, false, true]);
  });
});
