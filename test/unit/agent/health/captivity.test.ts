import { describe, expect, it } from 'vitest';
import { type Captivity, judgeCaptivity, newCaptivity, planProof } from '../../../../src/agent/health/captivity.ts';
import type { ProofResult } from '../../../../src/agent/ports.ts';
import { at } from './book.ts';

const ANCHORS = ['tcp://192.0.2.1:443', 'tcp://192.0.2.2:443', 'tcp://192.0.2.3:80', 'dns://192.0.2.4'];
const PLACES = ['tls://192.0.2.1:443', 'tls://192.0.2.2:443'];
const PAGE = 'http://login.example/terms';
const impostor = { outcome: 'impostor', instead: PAGE, detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' } as const;
const proven = { outcome: 'proven', detail: 'its own certificate' } as const;
const silent = { outcome: 'silent', detail: 'ECONNRESET' } as const;

/** Steps plan and judgement once a second against places that show what they are told to. */
class Line {
  record: Captivity;
  heard: boolean | undefined;
  world: (place: string) => Omit<ProofResult, 'place'> = () => proven;
  asked: number[] = [];
  seconds = 0;

  constructor(known: readonly string[] = [], heard?: boolean) {
    this.record = newCaptivity(ANCHORS, known, at(0));
    this.heard = heard;
  }

  run(seconds: number): this {
    for (const end = this.seconds + seconds; this.seconds < end; this.seconds++) {
      const place = planProof(this.record, true, this.heard, this.seconds * 1000);
      if (place !== undefined) this.asked.push(this.seconds);
      const result = place === undefined ? undefined : { place, ...this.world(place) };
      this.record = judgeCaptivity(this.record, { result, heard: this.heard, now: at(this.seconds) });
    }
    return this;
  }
}

describe('a line whose places prove themselves', () => {
  it('is asked all around at first, then every ten minutes by a hub without a desk, and every six hours by one whose desk answers', () => {
    expect(new Line().run(1_900).asked).toEqual([60, 120, 720, 1320]);
    expect(new Line([], true).run(50_000).asked).toEqual([60, 120, 21_720, 43_320]);
  });

  it('is asked again within a minute when the desk does not answer any more', () => {
    const line = new Line([], true).run(1_000);
    line.heard = false;
    line.run(125);
    expect(line.asked.slice(2)).toEqual([1_060, 1_120]);
  });

  it('is not asked while nothing opens at all, nor where no place has a certificate', () => {
    expect(planProof(newCaptivity(ANCHORS, [], at(0)), false, undefined, 9e9)).toBeUndefined();
    expect(planProof(newCaptivity(['dns://192.0.2.4', 'tcp://192.0.2.3:80'], [], at(0)), true, undefined, 9e9)).toBeUndefined();
  });
});

describe('a sign-in page', () => {
  it('is told with its address within a quarter of a minute of the first question, and is over at the first proof', () => {
    const line = new Line().run(600);
    line.world = () => impostor;
    line.run(140);
    expect(line.record.captive).toContain(PAGE);
    expect(line.asked.slice(2, 5)).toEqual([720, 725, 730]);
    line.world = (place) => (place === PLACES[0] ? proven : impostor);
    line.run(65);
    expect(line.record.captive).toBeUndefined();
  });

  it('is no page that only one place shows, nor a filter that refuses the places, nor a clock that is wrong', () => {
    for (const shown of [
      (place: string) => (place === PLACES[0] ? impostor : proven),
      () => silent,
      () => ({ outcome: 'unable', detail: 'CERT_NOT_YET_VALID' }) as const,
    ]) {
      const line = new Line(PLACES).run(200);
      line.world = shown;
      line.run(4_000);
      expect(line.record.captive).toBeUndefined();
      expect(line.asked.length).toBeLessThan(40);
    }
  });

  it('is not told while one of those that proved themselves was not asked for lack of a right clock', () => {
    const line = new Line(PLACES).run(200);
    line.world = (place) => (place === PLACES[0] ? impostor : { outcome: 'unable', detail: 'CERT_HAS_EXPIRED' });
    expect(line.run(4_000).record.captive).toBeUndefined();
  });

  it('is told where one place shows it and the others only fail, but only if they proved themselves before', () => {
    const mixed = (place: string) => (place === PLACES[0] ? impostor : silent);
    for (const [known, isTold] of [
      [PLACES, true],
      [[], false],
    ] as const) {
      const line = new Line(known);
      line.world = mixed;
      expect(line.run(1_000).record.captive !== undefined).toBe(isTold);
    }
  });

  it('is told of a home that never had anything else, where every place shows it', () => {
    const line = new Line();
    line.world = () => impostor;
    expect(line.run(120).record.captive).toContain('sign-in or pay page');
  });

  it('is no longer told when the desk answers', () => {
    const line = new Line(PLACES, false);
    line.world = () => impostor;
    expect(line.run(200).record.captive).toContain(PAGE);
    line.heard = true;
    expect(line.run(1).record.captive).toBeUndefined();
  });
});
