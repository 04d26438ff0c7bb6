import { describe, expect, it } from 'vitest';
import { type InternetRecord, newInternet } from '../../../../src/agent/health/internet.ts';
import { judgeUpstream, newUpstream, planLook, type Upstream, whereWords } from '../../../../src/agent/health/upstream.ts';
import type { WayAnswer } from '../../../../src/agent/ports.ts';
import { at } from './book.ts';

const PLACE = '192.0.2.1';

/** Steps plan and judgement four times a second. */
class Way {
  record: Upstream = newUpstream(at(0));
  internet: InternetRecord = { ...newInternet([`tcp://${PLACE}:443`], at(0)), state: 'up' };
  answer: WayAnswer = { outcome: 'answered', farthest: '203.0.113.1' };
  isCaptive = false;
  asked: number[] = [];
  words: (string | undefined)[] = [undefined];
  seconds = 0;

  run(seconds: number): this {
    for (const end = this.seconds + seconds; this.seconds < end; this.seconds += 0.25) {
      const towards = planLook(this.record, this.internet, this.seconds * 1000);
      if (towards !== undefined) this.asked.push(this.seconds);
      const result = towards === undefined ? undefined : this.answer;
      this.record = judgeUpstream(this.record, { result, internet: this.internet, isCaptive: this.isCaptive, now: at(this.seconds) });
      const said = whereWords(this.record);
      if (said !== this.words.at(-1)) this.words.push(said);
    }
    return this;
  }

  cut(noRoutes = 0): this {
    this.internet = { ...this.internet, state: 'down', anchors: this.internet.anchors.map((anchor) => ({ ...anchor, noRoutes })) };
    return this;
  }
}

describe('where the way to the internet breaks', () => {
  it('is looked at once while it works, at once when it does not, and three times at most', () => {
    const way = new Way().run(200);
    expect(way.asked).toEqual([90]);
    way.cut().run(600);
    expect(way.asked.slice(1).map((second) => Math.round(second - 200))).toEqual([0, 12, 24]);
    way.internet = { ...way.internet, state: 'up' };
    expect(way.run(600).words.at(-1)).toBeUndefined();
    expect(way.asked).toHaveLength(4);
  });

  it.each([
    [{ outcome: 'answered', farthest: '203.0.113.1' }, /next router of the provider \(203\.0\.113\.1\) answers, so the fault lies beyond/],
    [{ outcome: 'answered', farthest: '192.168.100.1' }, /second router or modem behind it \(192\.168\.100\.1\) answers/],
    [{ outcome: 'silent' }, /\(203\.0\.113\.1\), which answered before, does not either/],
    [{ outcome: 'refused' }, /its own line is down/],
  ] as const)('is told by what the routers say: %j', (answer, words) => {
    const way = new Way().run(200).cut();
    way.answer = answer;
    expect(way.run(60).words.at(-1)).toMatch(words);
  });

  it('is not known where nobody could look, or where the next router never answered', () => {
    const unable = new Way().run(200).cut();
    unable.answer = { outcome: 'unable' };
    expect(unable.run(60).words).toEqual([undefined]);
    const shy = new Way();
    shy.answer = { outcome: 'silent' };
    expect(shy.run(200).cut().run(60).words).toEqual([undefined]);
  });

  it('is told by the word of the router that turns packets back, and stays told when it stops saying so', () => {
    const way = new Way().run(200).cut(2);
    way.answer = { outcome: 'silent' };
    way.run(5).cut(0).run(60);
    expect(way.words).toEqual([undefined, expect.stringContaining('its own line is down')]);
  });

  it('is no question where a sign-in page answers', () => {
    const way = new Way().run(200).cut();
    way.isCaptive = true;
    expect(way.run(60).asked).toEqual([90]);
  });
});
