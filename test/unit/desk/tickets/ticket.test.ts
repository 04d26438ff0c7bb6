import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLOSES_AFTER_MS,
  isOpen,
  OUTCOMES,
  openedAgain,
  STABLE_AFTER_MS,
  type Standing,
  type Step,
  settle,
  settlesAt,
  TIERS,
  type Ticket,
  take,
  WATCHED_FOR_MS,
} from '../../../../src/desk/tickets/ticket.ts';

const AT = 1_800_000_000_000;
const fresh: Ticket = {
  number: 7,
  site: 's',
  symptom: 'premises',
  title: 'No internet',
  state: 'new',
  tier: 'basic',
  openedAt: AT,
  askedAt: AT,
  reopened: 0,
  isTouched: false,
  version: 1,
};

const stepped = (ticket: Ticket, step: Step, at = AT + 1000): Ticket => {
  const done = take(ticket, step, 'Ben', at);
  if ('refused' in done) throw new Error(done.refused);
  return done.ticket;
};
const refusal = (ticket: Ticket, step: Step): string | undefined => {
  const done = take(ticket, step, 'Ben', AT);
  return 'refused' in done ? done.refused : undefined;
};

describe('a ticket', () => {
  it('is of whoever takes or answers it first, and its first answer keeps its time', () => {
    const taken = stepped(fresh, { do: 'take' });
    expect(taken).toMatchObject({ state: 'open', assignee: 'Ben', isTouched: true, version: 2 });
    expect(taken.answeredAt).toBeUndefined();
    const answered = stepped(fresh, { do: 'answer', channel: 'phone', text: 'hello' }, AT + 60_000);
    expect(answered).toMatchObject({ assignee: 'Ben', answeredAt: AT + 60_000 });
    expect(stepped(answered, { do: 'answer', channel: 'phone', text: 'again' }, AT + 90_000).answeredAt).toBe(AT + 60_000);
  });

  it('goes to billed support only with a yes and its rate, or with a reason', () => {
    expect(refusal(fresh, { do: 'tier', to: 'advanced' })).toMatch(/agreed to which rate/);
    expect(stepped(fresh, { do: 'tier', to: 'advanced', consent: { from: 'Anna', rate: '95 an hour' } }).tier).toBe('advanced');
    expect(stepped(fresh, { do: 'tier', to: 'advanced', override: 'water in the cellar' }).tier).toBe('advanced');
    expect(stepped(fresh, { do: 'tier', to: 'priority' }).tier).toBe('priority');
  });

  it('asks anew for a first answer when it is opened again', () => {
    const answered = stepped(fresh, { do: 'answer', channel: 'phone', text: 'hello' });
    const over = stepped(answered, { do: 'resolve', outcome: 'fixed', text: 'cable' });
    expect(over).toMatchObject({ state: 'resolved', outcome: 'fixed', resolvedAt: AT + 1000 });
    expect(refusal(over, { do: 'take' })).toMatch(/resolved/);
    const again = stepped(over, { do: 'reopen', text: 'back' }, AT + 5000);
    expect(again).toMatchObject({ state: 'open', askedAt: AT + 5000, reopened: 1, assignee: 'Ben' });
    expect(again).not.toHaveProperty('answeredAt');
    expect(again).not.toHaveProperty('outcome');
  });

  it('is final when it is closed or part of another', () => {
    const merged = stepped(fresh, { do: 'merge', into: 3 });
    expect(merged).toMatchObject({ state: 'merged', mergedInto: 3 });
    expect(refusal(merged, { do: 'reopen', text: '' })).toMatch(/ticket 3/);
    expect(refusal({ ...fresh, state: 'closed' }, { do: 'reopen', text: '' })).toMatch(/closed/);
    expect(refusal(fresh, { do: 'merge', into: 7 })).toMatch(/itself/);
  });

  it('sleeps for a week at most', () => {
    expect(refusal(fresh, { do: 'snooze', until: AT })).toBeDefined();
    expect(refusal(fresh, { do: 'snooze', until: AT + 8 * 86_400_000 })).toBeDefined();
    expect(stepped(fresh, { do: 'snooze', until: AT + 3_600_000 }).snoozedUntil).toBe(AT + 3_600_000);
  });
});

describe('what its alerts say', () => {
  const over = (ms: number): Standing => ({ isFiring: false, overSince: AT - ms });

  it('resolves what recovered by itself after five minutes, and what was worked on after half an hour', () => {
    expect(settle(fresh, over(STABLE_AFTER_MS - 1), AT)).toBeUndefined();
    expect(settle(fresh, over(STABLE_AFTER_MS), AT)?.ticket).toMatchObject({ state: 'resolved', outcome: 'recovered', resolvedAt: AT });
    const worked = stepped(fresh, { do: 'note', text: 'x' });
    const watched = settle(worked, over(STABLE_AFTER_MS), AT)?.ticket as Ticket;
    expect(watched.state).toBe('monitoring');
    expect(settle(watched, over(WATCHED_FOR_MS - 1), AT)).toBeUndefined();
    expect(settle(watched, over(WATCHED_FOR_MS), AT)?.ticket).toMatchObject({ state: 'resolved', outcome: 'fixed' });
    expect(settle(watched, { isFiring: true }, AT)?.ticket).toMatchObject({ state: 'open', reopened: 1 });
  });

  it('leaves to people what they opened again while it did not fire, and what came back twenty times', () => {
    const reopened: Ticket = { ...fresh, state: 'open', isTouched: true, reopened: 1 };
    expect(settle(reopened, over(1), AT + 1e9)).toBeUndefined();
    expect(settlesAt(reopened, over(1))).toBe(Number.POSITIVE_INFINITY);
    expect(settle(reopened, { isFiring: false, overSince: AT + 1 }, AT + 1e9)?.ticket.state).toBe('resolved');
    expect(settle({ ...fresh, reopened: 19 }, over(STABLE_AFTER_MS), AT)?.ticket.state).toBe('resolved');
    expect(settle({ ...fresh, reopened: 20 }, over(STABLE_AFTER_MS), AT)).toBeUndefined();
  });

  it('settles nothing that people opened by hand, nor what is about a contract', () => {
    const ofContract = { ...fresh, symptom: 'contract 3' };
    expect(settle(ofContract, over(WATCHED_FOR_MS), AT), 'with alerts of one that is part of it').toBeUndefined();
    expect(settlesAt(ofContract, over(1))).toBe(Number.POSITIVE_INFINITY);
    expect(settle({ ...fresh, isTouched: true }, { isFiring: false }, AT + 1e12)).toBeUndefined();
    const { symptom: _, ...byHand } = { ...fresh, isTouched: true };
    expect(settle(byHand, over(WATCHED_FOR_MS), AT), 'with alerts of one that is part of it').toBeUndefined();
  });

  it('closes what nobody came back to for a week', () => {
    const resolved = stepped(fresh, { do: 'resolve', outcome: 'fixed', text: 'x' }, AT);
    expect(settle(resolved, { isFiring: false }, AT + CLOSES_AFTER_MS - 1)).toBeUndefined();
    expect(settle(resolved, { isFiring: true }, AT + CLOSES_AFTER_MS)?.ticket.state).toBe('closed');
  });
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ do: 'take' }),
  fc.constant<Step>({ do: 'note', text: 'x' }),
  fc.constant<Step>({ do: 'answer', channel: 'phone', text: 'x' }),
  fc.constant<Step>({ do: 'wait', for: 'the client' }),
  fc.integer({ min: -1000, max: 1e9 }).map((ms): Step => ({ do: 'snooze', until: AT + ms })),
  fc
    .record({ to: fc.constantFrom(...TIERS), isAgreed: fc.boolean() })
    .map(({ to, isAgreed }): Step => ({ do: 'tier', to, ...(isAgreed ? { consent: { from: 'Anna', rate: '95' } } : {}) })),
  fc.constant<Step>({ do: 'resolve', outcome: 'fixed', text: 'x' }),
  fc.constant<Step>({ do: 'reopen', text: 'x' }),
  fc.integer({ min: 1, max: 9 }).map((into): Step => ({ do: 'merge', into })),
);
type Happening = { readonly step?: Step; readonly standing?: Standing; readonly afterMs: number };
const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record(
    {
      step: steps,
      standing: fc.record({ isFiring: fc.boolean(), overSince: fc.integer({ min: AT - 1e7, max: AT + 1e9 }) }),
      afterMs: fc.integer({ min: 0, max: 1e8 }),
    },
    { requiredKeys: ['afterMs'] },
  ),
  { maxLength: 40 },
);

it('whatever happens to a ticket, it is consistent, each change has a greater version, and the final states stay', () => {
  fc.assert(
    fc.property(happenings, (story) => {
      let [ticket, at] = [fresh, AT];
      for (const { step, standing, afterMs } of story) {
        at += afterMs;
        const before = ticket;
        const done = step ? take(ticket, step, 'Ben', at) : standing ? settle(ticket, standing, at) : undefined;
        if (done && 'ticket' in done) ticket = done.ticket;
        expect(ticket.version).toBe(ticket === before ? before.version : before.version + 1);
        if (before.state === 'closed' || before.state === 'merged') expect(ticket).toBe(before);
        expect(ticket.outcome !== undefined).toBe(ticket.state === 'resolved' || ticket.state === 'closed');
        expect(ticket.resolvedAt !== undefined).toBe(ticket.outcome !== undefined);
        expect(ticket.mergedInto !== undefined).toBe(ticket.state === 'merged');
        if (ticket.outcome) expect(OUTCOMES).toContain(ticket.outcome);
        if (ticket.outcome === 'recovered' && before.outcome === undefined) expect(before.isTouched).toBe(false);
        if (ticket.answeredAt !== undefined) expect(ticket.answeredAt).toBeGreaterThanOrEqual(ticket.askedAt);
        expect(ticket.askedAt).toBeGreaterThanOrEqual(before.askedAt);
        if (!isOpen(ticket)) expect(ticket.snoozedUntil).toBeUndefined();
      }
    }),
    { numRuns: 2_000 },
  );
});

it('opened again by its alert, nobody`s ticket is new', () => {
  expect(openedAgain({ ...fresh, state: 'resolved', outcome: 'recovered', resolvedAt: AT }, AT + 1)).toMatchObject({
    state: 'new',
    reopened: 1,
  });
});
