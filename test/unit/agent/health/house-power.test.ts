import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../../../src/agent/discovery/sighting.ts';
import type { CheckRecord, HealthBook, Transition } from '../../../../src/agent/health/health.ts';
import { type HouseWatch, judgeHouse, lookAtHouse, noteBootIds, watchHouse } from '../../../../src/agent/health/house-power.ts';
import { type Indexed, NOTHING_INDEXED, openDraft, put } from '../../../../src/agent/inventory/draft.ts';
import { at, device } from './book.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const START = 1_000;
const BOOT = { id: 'now', atMs: (START - 25) * 1000 };
/** The hub was last known to live an hour before its boot. */
const ALIVE_MS = BOOT.atMs - 3_600_000;

function house(): Indexed {
  const draft = openDraft(NOTHING_INDEXED);
  for (const id of IDS) put(draft, device(id, { isGateway: id === 'a' }));
  return draft;
}

const book = (more: Partial<CheckRecord> = {}): HealthBook =>
  new Map(IDS.map((id) => [id, { deviceId: id, state: 'up', profile: { silence: 'fault' }, ...more } as CheckRecord]));
const watched = (): HouseWatch => watchHouse(book(), START * 1000, [['uuid:a', 7]]);
const look = (
  watch: HouseWatch,
  second: number,
  seen: { sightings?: Sighting[]; transitions?: Transition[]; book?: HealthBook },
): HouseWatch => lookAtHouse(watch, { sightings: [], transitions: [], before: book(), book: book(), boot: BOOT, now: at(second), ...seen });

const ipOf = (id: string): string => device(id).addresses[0]?.ip ?? '';
const heard = (id: string, second: number) => ({ at: at(second), interface: 'eth0', ip: ipOf(id) });
const upFor = (id: string, second: number, upTimeS: number | string): Sighting => ({
  ...heard(id, second),
  method: 'snmp',
  reader: 'snmp',
  fields: { upTimeS: `${upTimeS}` },
  identifiers: [],
});
const announced = (id: string, udn: string, bootId: string): Sighting => ({
  ...heard(id, START + 10),
  method: 'ssdp',
  kind: 'alive',
  usn: udn,
  udn,
  target: 'upnp:rootdevice',
  maxAgeS: 1800,
  headers: { 'bootid.upnp.org': bootId },
});
const back = (id: string, second: number, from: Transition['from'] = 'down') =>
  ({ deviceId: id, from, to: 'up', at: at(second) }) as Transition;
const verdict = (watch: HouseWatch, isClockTrusted = true) => judgeHouse(watch, BOOT, house(), isClockTrusted ? ALIVE_MS : undefined);

describe('a house lost its power with the hub', () => {
  it('where many devices were silent at first and came back one by one', () => {
    let watch = watched();
    IDS.slice(0, 5).forEach((id, i) => {
      watch = look(watch, START + 40 + i * 20, { transitions: [back(id, START + 40)] });
    });
    expect(verdict(watch)).toMatchObject({ house: 'lost-power', restarted: 5, ranOn: 0, of: 8 });
  });

  it('where many devices say that they have run for no longer than the hub', () => {
    const sightings = ['b', 'c', 'd'].map((id) => upFor(id, START + 130, 140));
    expect(verdict(look(watched(), START + 130, { sightings }), false)).toMatchObject({ house: 'lost-power', restarted: 3 });
  });

  it('also where they were back long before the hub, as long as a clock can be trusted', () => {
    const sightings = ['b', 'c', 'd'].map((id) => upFor(id, START + 130, 3_000));
    expect(verdict(look(watched(), START + 130, { sightings }))).toMatchObject({ house: 'lost-power', restarted: 3 });
    expect(verdict(look(watched(), START + 130, { sightings }), false)).toMatchObject({ house: 'unknown' });
  });

  it('in part, where others prove that they ran on', () => {
    const sightings = [...['b', 'c'].map((id) => upFor(id, START + 130, 140)), ...['d', 'e'].map((id) => upFor(id, START + 130, 900_000))];
    expect(verdict(look(watched(), START + 130, { sightings }))).toMatchObject({ house: 'in-part', restarted: 2, ranOn: 2 });
  });
});

describe('nothing is known of the power of a house', () => {
  it('where all came back at one instant: a switch restarted', () => {
    const watch = look(watched(), START + 40, { transitions: IDS.map((id) => back(id, START + 40)) });
    expect(verdict(watch).house).toBe('unknown');
  });

  it('where packets were lost for a moment', () => {
    const before = book({ silentSinceMs: (START + 37) * 1000 });
    let watch = watched();
    for (const [i, id] of IDS.entries()) {
      const seconds = START + 40 + i * 20;
      const blink = book({ silentSinceMs: (seconds - 3) * 1000 });
      watch = lookAtHouse(watch, {
        sightings: [],
        transitions: [back(id, seconds, 'suspect')],
        before: blink,
        book: before,
        boot: BOOT,
        now: at(seconds),
      });
    }
    expect(verdict(watch).house).toBe('unknown');
  });

  it('where a single device says so, however often, or where it says what is no time', () => {
    const sightings = [upFor('b', START + 130, 20), upFor('b', START + 130, 30), upFor('c', START + 130, 'soon')];
    expect(verdict(look(watched(), START + 130, { sightings }))).toMatchObject({ house: 'unknown', restarted: 1 });
  });

  it('where everybody answers at once and the hub took long to boot', () => {
    const slow = { ...BOOT, atMs: (START - 90) * 1000 };
    const answering = book({ life: { at: at(START + 3), by: 'icmp' } });
    const inputs = { sightings: [], transitions: [], before: answering, book: answering, boot: slow, now: at(START + 30) };
    expect(judgeHouse(lookAtHouse(watched(), inputs), slow, house(), ALIVE_MS).house).toBe('unknown');
  });
});

describe('a house ran on', () => {
  it('where all of it answers sooner than it could boot, the router among it', () => {
    const answering = book({ life: { at: at(START + 3), by: 'icmp' } });
    expect(verdict(look(watched(), START + 30, { book: answering }))).toMatchObject({ house: 'ran-on', ranOn: 8 });
    const withoutRouter = new Map(answering).set('a', book().get('a') as CheckRecord);
    expect(verdict(look(watched(), START + 30, { book: withoutRouter })).house).toBe('unknown');
  });

  it('where devices tell an uptime from before the hub went off', () => {
    const sightings = ['b', 'c', 'd'].map((id) => upFor(id, START + 130, 5_000));
    expect(verdict(look(watched(), START + 130, { sightings }))).toMatchObject({ house: 'ran-on', ranOn: 3 });
  });
});

describe('UPnP boot numbers', () => {
  it('count where they have risen over what was told before the hub went off, and nowhere else', () => {
    const told = [
      announced('a', 'uuid:a', '8'),
      announced('b', 'uuid:b', '8'),
      announced('c', 'uuid:a', '6'),
      announced('d', 'uuid:a', '9e9'),
    ];
    const watch = look(watched(), START + 10, { sightings: told });
    expect(verdict(watch)).toMatchObject({ restarted: 1, signs: ['1 by their UPnP boot number'] });
    expect(look(watch, START + 11, { sightings: told })).toBe(watch);
  });

  it('are kept of 512 devices, the newest', () => {
    const flood = Array.from({ length: 600 }, (_, i) => announced('a', `uuid:${i}`, '1'));
    const known = noteBootIds(new Map(), flood);
    expect(known.size).toBe(512);
    expect(known.has('uuid:599')).toBe(true);
    expect(noteBootIds(known, flood.slice(-5))).toBe(known);
  });
});
