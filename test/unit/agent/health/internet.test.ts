import { describe, expect, it } from 'vitest';
import type { CheckRecord } from '../../../../src/agent/health/health.ts';
import { type InternetRecord, judgeInternet, newInternet, planInternet, wantsGatewayProof } from '../../../../src/agent/health/internet.ts';
import type { AnchorResult } from '../../../../src/agent/ports.ts';
import { at, GOOD_HUB } from './book.ts';

const ANCHORS = ['tcp://192.0.2.1:443', 'tcp://192.0.2.2:443', 'dns://192.0.2.3'];

/** Steps plan and judge four times a second against a world that answers as told. */
class Line {
  record: InternetRecord;
  world: (anchor: string) => AnchorResult['outcome'] = () => 'answered';
  gateway: 'up' | 'down' | 'unknown' = 'up';
  readonly log: string[] = [];
  seconds = 0;
  #pending: { due: number; result: AnchorResult } | undefined;
  #gatewayLifeMs = 0;

  constructor(anchors: readonly string[] = ANCHORS) {
    this.record = newInternet(anchors, at(0));
  }

  run(seconds: number): this {
    const end = this.seconds + seconds;
    for (; this.seconds < end; this.seconds += 0.25) this.#step();
    return this;
  }

  #step(): void {
    const now = at(this.seconds);
    const result = this.#pending && this.#pending.due <= this.seconds ? this.#pending.result : undefined;
    if (result) this.#pending = undefined;
    const gateway = this.#gatewayRecord();
    const around = { book: new Map([['gw', gateway]]), hub: GOOD_HUB, hearing: {}, gatewayId: 'gw', now };
    const before = this.record.state;
    this.record = judgeInternet(this.record, { result, gateway, around });
    if (this.record.state !== before) this.log.push(`${this.seconds} ${before}>${this.record.state}`);
    // The pipeline asks the router at once when the internet is silent; otherwise every five seconds.
    if (this.gateway === 'up' && (wantsGatewayProof(this.record, gateway) || this.seconds % 5 === 0)) this.#gatewayLifeMs = now.monoMs;
    const anchor = planInternet(this.record, now.monoMs);
    if (anchor === undefined) return;
    this.record = { ...this.record, asking: true };
    const outcome = this.world(anchor);
    this.#pending = { due: this.seconds + (outcome === 'silent' ? 1.5 : 0.02), result: { anchor, outcome, detail: outcome } };
  }

  #gatewayRecord(): CheckRecord {
    return {
      deviceId: 'gw',
      state: this.gateway,
      life: { at: at(this.#gatewayLifeMs / 1000), by: 'udp' },
      lastAnswerAt: {},
      attempts: [],
    } as unknown as CheckRecord;
  }
}

describe('judging the internet', () => {
  it('is up at the first answer of any anchor', () => {
    const line = new Line();
    line.world = (anchor) => (anchor === ANCHORS[2] ? 'answered' : 'silent');
    expect(line.run(20).record.state).toBe('up');
  });

  it('is down within 15 s of the line, at any phase, while the router answers', () => {
    for (let phase = 0; phase < 5; phase += 0.5) {
      const line = new Line().run(60 + phase);
      const cutAt = line.seconds;
      line.world = () => 'silent';
      line.run(20);
      const downAt = Number(line.log.find((entry) => entry.endsWith('>down'))?.split(' ')[0]);
      expect(downAt - cutAt).toBeLessThanOrEqual(14);
    }
  });

  it('is over within 15 s of the first answer', () => {
    const line = new Line().run(60);
    line.world = () => 'silent';
    line.run(60);
    const backAt = line.seconds;
    line.world = () => 'answered';
    line.run(15);
    expect(line.record.state).toBe('up');
    expect(Number(line.log.at(-1)?.split(' ')[0]) - backAt).toBeLessThanOrEqual(6);
  });

  it('is not down because one anchor is', () => {
    const line = new Line().run(60);
    line.world = (anchor) => (anchor === ANCHORS[0] ? 'silent' : 'answered');
    line.run(300);
    expect(line.log.filter((entry) => entry.endsWith('>down'))).toEqual([]);
  });

  it('is unknown, never down, while the router is', () => {
    const line = new Line().run(60);
    line.world = () => 'silent';
    line.gateway = 'down';
    line.run(60);
    expect(line.record.state).toBe('unknown');
    expect(line.log.filter((entry) => entry.endsWith('>down'))).toEqual([]);
  });

  it('says nothing of anchors that never answered from this home', () => {
    const line = new Line();
    line.world = () => 'silent';
    line.run(300);
    expect(line.record.state).toBe('unknown');
    expect(line.log).toEqual([]);
  });

  it('believes a router that says it has no route, and its silence about it afterwards', () => {
    const line = new Line();
    line.world = () => 'silent';
    line.run(60);
    line.world = () => 'no-route';
    line.run(20);
    expect(line.record.state).toBe('down');
    line.world = () => 'silent';
    line.run(30);
    expect(line.record.state).toBe('unknown');
  });

  it('remembers over a restart which anchors had answered', () => {
    const line = new Line();
    line.record = newInternet(ANCHORS, at(0), { everAnswered: [ANCHORS[0] as string], state: 'up' });
    line.world = () => 'silent';
    expect(line.run(20).record.state).toBe('down');
  });

  it('asks nothing when no anchor is set', () => {
    expect(new Line([]).run(60).record.attempts).toEqual([]);
  });
});
