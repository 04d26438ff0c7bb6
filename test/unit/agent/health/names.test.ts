import { describe, expect, it } from 'vitest';
import { type InternetRecord, newInternet, planInternet } from '../../../../src/agent/health/internet.ts';
import { judgeNames, type NamesRecord, newNames } from '../../../../src/agent/health/names.ts';
import type { AnchorResult } from '../../../../src/agent/ports.ts';
import { at, GOOD_HUB } from './book.ts';

const SILENCE = { outcome: 'silent', detail: 'no reply' } as const;
const NAME = { outcome: 'answered', detail: 'NXDOMAIN', rttMs: 20 } as const;
type Answer = Omit<AnchorResult, 'anchor'>;

/** Steps plan and judge four times a second; a silent server takes a second and a half. */
class Names {
  record: NamesRecord = newNames(at(0));
  servers: readonly string[] = ['192.168.1.1', 'fd00::1'];
  answer: (anchor: string) => Answer = () => NAME;
  internet: (seconds: number) => InternetRecord = (seconds) => line('up', seconds);
  readonly log: string[] = [];
  readonly asked: string[] = [];
  seconds = 0;
  #pending: { due: number; result: AnchorResult } | undefined;

  run(seconds: number): this {
    for (const end = this.seconds + seconds; this.seconds < end; this.seconds += 0.25) this.#step();
    return this;
  }

  #step(): void {
    const now = at(this.seconds);
    const result = this.#pending && this.#pending.due <= this.seconds ? this.#pending.result : undefined;
    if (result) this.#pending = undefined;
    const before = this.record;
    const around = { book: new Map(), hub: GOOD_HUB, hearing: {}, now };
    this.record = judgeNames(before, { servers: this.servers, result, internet: this.internet(this.seconds), around });
    if (this.record.state !== before.state) this.log.push(`${before.state}>${this.record.state}`);
    const anchor = planInternet(this.record, now.monoMs);
    if (anchor === undefined) return;
    this.asked.push(anchor);
    this.record = { ...this.record, asking: true };
    const answer = this.answer(anchor);
    this.#pending = { due: this.seconds + (answer.outcome === 'answered' ? 0.25 : 1.5), result: { anchor, ...answer } };
  }
}

const line = (state: InternetRecord['state'], answeredAt: number): InternetRecord => ({
  ...newInternet(['tcp://192.0.2.1:443'], at(0)),
  state,
  lastAnswerAt: at(answeredAt),
});

describe('the name servers of a home', () => {
  it('are asked in turn, twice a minute in all', () => {
    const names = new Names().run(600);
    expect(names.record.state).toBe('up');
    expect(new Set(names.asked)).toEqual(new Set(['dns://192.168.1.1', 'dns://[fd00::1]']));
    expect(names.asked.length).toBeLessThanOrEqual(20);
  });

  it('are dead when none of them looks up a name for half a minute while the internet answers, and alive at the first answer', () => {
    const names = new Names().run(120);
    names.answer = () => ({ outcome: 'silent', detail: 'SERVFAIL' });
    names.run(30);
    expect(names.record.state).not.toBe('down');
    names.run(35);
    expect(names.record.state).toBe('down');
    expect(names.record.reason).toBe('The internet answers by address, but no name is looked up by 192.168.1.1, fd00::1 (SERVFAIL).');
    names.answer = () => NAME;
    names.run(35);
    expect(names.log).toEqual(['unknown>up', 'up>down', 'down>up']);
  });

  it('are not dead while one of them works', () => {
    const names = new Names().run(120);
    names.answer = (anchor) => (anchor.includes('fd00') ? SILENCE : NAME);
    expect(names.run(600).log).toEqual(['unknown>up']);
  });

  it('have their time to answer again when the line is back', () => {
    const names = new Names().run(120);
    names.answer = () => SILENCE;
    names.internet = () => line('down', 119);
    names.run(300);
    names.internet = (seconds) => line('up', seconds);
    names.run(25);
    names.answer = () => NAME;
    expect(names.run(60).log).toEqual(['unknown>up']);
  });

  it('are not judged without the internet, by servers that never answered, or by none', () => {
    const cut = new Names().run(120);
    cut.answer = () => SILENCE;
    cut.internet = () => line('down', 119);
    expect(cut.run(300).log).toEqual(['unknown>up']);
    const stale = new Names().run(120);
    stale.answer = () => SILENCE;
    stale.internet = () => line('up', 119);
    expect(stale.run(300).log).toEqual(['unknown>up']);
    const mute = new Names();
    mute.answer = () => SILENCE;
    expect(mute.run(300).log).toEqual([]);
    const none = new Names();
    none.servers = [];
    expect(none.run(60).asked).toEqual([]);
  });

  it('are unknown when the line goes too', () => {
    const names = new Names().run(120);
    names.answer = () => SILENCE;
    names.run(90);
    names.internet = () => line('down', 119);
    expect(names.run(10).log).toEqual(['unknown>up', 'up>down', 'down>unknown']);
  });

  it('follow the router that names them, and keep what is known of those that stay', () => {
    const names = new Names().run(120);
    names.servers = ['192.168.1.1'];
    names.run(1);
    expect(names.record.anchors).toMatchObject([{ anchor: 'dns://192.168.1.1', everAnswered: true }]);
    expect(names.record.state).toBe('up');
    const before = names.record;
    const around = { book: new Map(), hub: GOOD_HUB, hearing: {}, now: at(122) };
    expect(judgeNames(before, { servers: ['192.168.1.1'], internet: line('up', 121), around })).toBe(before);
  });
});
