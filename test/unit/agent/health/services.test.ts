import { describe, expect, it, test } from 'vitest';
import type { CheckRecord, Transition } from '../../../../src/agent/health/health.ts';
import type { ProbeRequest, ProbeResult } from '../../../../src/agent/health/probe.ts';
import { servicesOf } from '../../../../src/agent/health/service-list.ts';
import {
  checkWords,
  NO_SERVICES,
  restoreServices,
  type ServiceCheck,
  type Services,
  savedServices,
  serviceWords,
  toldServices,
  watchServices,
} from '../../../../src/agent/health/services.ts';
import type { Device } from '../../../../src/agent/inventory/device.ts';
import type { HealthState } from '../../../../src/protocol/messages.ts';
import { at, device } from './book.ts';

const kind = (value: string) => ({ kind: [{ value, confidence: 0.9, source: 'test', at: 0 }] });
const offers = (...ports: readonly [number, 'ports' | 'mdns' | 'ssdp' | 'upnp'][]) => ({
  ports: ports.map(([port]) => port),
  portsBy: Object.fromEntries(ports.map(([port, by]) => [port, { by, at: 0 }])),
});
const nas = (more: Partial<Device> = {}): Device =>
  device('nas', { facts: kind('nas'), ...offers([445, 'ports'], [443, 'ports'], [5000, 'ssdp']), ...more });

describe('the services of a device', () => {
  const portsOf = (kindName: string | undefined, ...ports: readonly [number, 'ports' | 'mdns' | 'ssdp'][]) =>
    (servicesOf(device('it', { facts: kindName === undefined ? {} : kind(kindName), ...offers(...ports) })) ?? []).map(({ port }) => port);

  test.each([
    [
      'printer',
      [
        [80, 'ports'],
        [9100, 'ports'],
        [631, 'mdns'],
      ],
      [631, 9100],
    ],
    [
      'camera',
      [
        [80, 'ports'],
        [554, 'ports'],
        [22, 'ports'],
      ],
      [554, 80],
    ],
    [
      'nas',
      [
        [22, 'ports'],
        [443, 'ports'],
        [445, 'ports'],
        [5000, 'ssdp'],
        [8200, 'ssdp'],
      ],
      [445, 443, 5000],
    ],
    [
      'speaker',
      [
        [1400, 'ssdp'],
        [80, 'ports'],
      ],
      [1400],
    ],
  ] as const)('of a %s are what it is there for, and what it announces', (name, ports, expected) => {
    expect(portsOf(name, ...ports.map(([port, by]) => [port, by] as [number, 'ports']))).toEqual(expected);
  });

  test.each([
    ['of a thing that nobody knows', undefined, 80],
    ['of what people switch off, which closes its ports and answers all the same', 'tv', 8009],
    ['of a switch, whose page nobody needs', 'nothing-announced', 80],
    ['at a port that is another one after each start', 'speaker', 49_152],
    ['for administrators', 'nas', 22],
  ])('are none %s', (_, name, port) => {
    expect(portsOf(name === 'nothing-announced' ? 'switch' : name, [port, name === 'nothing-announced' ? 'ports' : 'mdns'])).toEqual([]);
  });

  it("are none of a person's device, nor of the router", () => {
    expect(servicesOf(nas({ personal: true }))).toBeUndefined();
    expect(servicesOf(nas({ isGateway: true }))).toBeUndefined();
  });
});

type Answer = 'open' | 'refused' | 'no reply' | 'unable';

/** Plans and judges once a second against ports that answer as told. */
class Rack {
  services: Services;
  devices: Map<string, Device>;
  state: HealthState = 'up';
  answers: (port: number, id: string) => Answer = () => 'open';
  mayAsk = true;
  isTrusted = true;
  seconds = 0;
  asked: { readonly at: number; readonly request: ProbeRequest }[] = [];
  #results: ProbeResult[] = [];
  #last: HealthState = 'up';

  constructor(devices: readonly Device[] = [nas()], services = NO_SERVICES) {
    this.devices = new Map(devices.map((each) => [each.id, each]));
    this.services = services;
  }

  run(minutes: number): this {
    for (const end = this.seconds + minutes * 60; this.seconds < end; this.seconds++) this.#step();
    return this;
  }

  #step(): void {
    const now = at(this.seconds);
    const records = [...this.devices.keys()].map((id) => [id, { deviceId: id, state: this.state } as CheckRecord] as const);
    const transitions = records.flatMap(([deviceId]) =>
      this.state === this.#last ? [] : [{ deviceId, from: this.#last, to: this.state } as Transition],
    );
    this.#last = this.state;
    const { services, requests } = watchServices(this.services, {
      results: this.#results,
      transitions,
      devices: this.devices,
      book: new Map(records),
      mayAsk: () => this.mayAsk,
      isTrusted: () => this.isTrusted,
      now,
    });
    this.services = services;
    this.asked.push(...requests.map((request) => ({ at: this.seconds, request })));
    this.#results = requests.map((request) => this.#answer(request));
  }

  #answer(request: ProbeRequest): ProbeResult {
    const answer = this.answers(request.port ?? 0, request.deviceId);
    const outcome = answer === 'unable' ? 'unable' : answer === 'no reply' ? 'silent' : 'answered';
    return { request, startedAt: at(this.seconds), finishedAt: at(this.seconds), outcome, detail: answer };
  }

  down(id = 'nas'): number[] {
    return (this.services.book.get(id)?.checks ?? []).filter(({ downSince }) => downSince).map(({ port }) => port);
  }

  words(id = 'nas') {
    return serviceWords(this.services.book.get(id)?.checks ?? []);
  }
}

const refusing =
  (...ports: readonly number[]) =>
  (port: number): Answer =>
    ports.includes(port) ? 'refused' : 'open';

describe('judging services', () => {
  it('calls one down that is refused for minutes after it was open for an hour, and up again when it opens', () => {
    const rack = new Rack().run(75);
    rack.answers = refusing(445);
    rack.run(4);
    expect(rack.down()).toEqual([]);
    rack.run(9);
    expect(rack.down()).toEqual([445]);
    expect([...rack.services.down]).toEqual(['nas']);
    expect(rack.words().details).toMatch(/^file sharing \(SMB\) at port 445 \(refused since 13:1\d UTC\)$/);
    rack.answers = () => 'open';
    rack.run(4);
    expect(rack.down()).toEqual([]);
    expect([...rack.services.down]).toEqual([]);
  });

  it('names all that fell together in one verdict', () => {
    const rack = new Rack().run(90);
    rack.answers = () => 'no reply';
    const verdicts = new Set<string>();
    for (let second = 0; second < 1_800; second++)
      verdicts.add(
        rack
          .run(1 / 60)
          .down()
          .join(),
      );
    expect([...verdicts]).toEqual(['', '445,443,5000']);
  });

  it('asks a device once a minute at most, each of its services in turn, and many devices spread out', () => {
    const rack = new Rack(['a', 'b', 'c', 'd'].map((id) => nas({ id }))).run(65);
    rack.answers = refusing(443);
    rack.run(40);
    for (const id of rack.devices.keys()) {
      const times = rack.asked.filter(({ request }) => request.deviceId === id);
      const gaps = times.slice(1).map(({ at: then }, index) => then - (times[index]?.at ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(60);
      expect(new Set(times.map(({ request }) => request.port)).size).toBe(3);
    }
    expect(new Set(rack.asked.map(({ at: then }) => then % 60)).size).toBeGreaterThanOrEqual(4);
  });

  it.each<[string, (rack: Rack) => void]>([
    ['that never was open for an hour', (rack) => Object.assign(rack, { services: new Rack().run(30).services, seconds: 1_800 })],
    ['where the device is down', (rack) => Object.assign(rack, { state: 'down' })],
    ['where the device sleeps', (rack) => Object.assign(rack, { state: 'asleep' })],
    ['where nothing is known of the device', (rack) => Object.assign(rack, { state: 'unknown' })],
    ['where the hub doubts itself', (rack) => Object.assign(rack, { isTrusted: false })],
    ['where nobody wants it asked', (rack) => Object.assign(rack, { mayAsk: false })],
  ])('calls none down %s', (_, so) => {
    const rack = new Rack().run(90);
    rack.answers = () => 'refused';
    so(rack);
    rack.run(30);
    expect(rack.down()).toEqual([]);
  });

  it('calls none down because the hub could not ask, or for a refusal now and then', () => {
    const rack = new Rack().run(90);
    rack.answers = () => 'unable';
    rack.run(60);
    expect(rack.down()).toEqual([]);
    let count = 0;
    rack.answers = () => (++count % 4 === 0 ? 'open' : 'refused');
    rack.run(60);
    expect(rack.down()).toEqual([]);
  });

  it('gives a device that comes back ten minutes to start what it offers, and then says what did not', () => {
    const rack = new Rack().run(90);
    rack.state = 'down';
    rack.run(3);
    rack.state = 'up';
    rack.answers = () => 'refused';
    rack.run(13);
    expect(rack.down()).toEqual([]);
    rack.run(12);
    expect(rack.down()).toEqual([445, 443, 5000]);
  });

  it('takes the verdict back with the device, and gives it again when the device is back without its service', () => {
    const rack = new Rack().run(90);
    rack.answers = refusing(445);
    rack.run(15);
    expect(rack.down()).toEqual([445]);
    rack.state = 'down';
    rack.run(5);
    expect(rack.down()).toEqual([]);
    rack.state = 'up';
    rack.run(25);
    expect(rack.down()).toEqual([445]);
  });

  it.each([
    ['and does not offer any more', true],
    ['while the device goes on announcing it', false],
  ])('gives up after a week what somebody closed %s', (_, isForgotten) => {
    const rack = new Rack([device('nas', { facts: kind('nas'), ...offers([445, 'ports']) })]).run(90);
    rack.answers = () => 'refused';
    rack.run(30);
    expect(rack.down()).toEqual([445]);
    if (isForgotten) rack.devices.set('nas', device('nas', { facts: kind('nas') }));
    rack.run(6 * 1_440);
    expect(rack.down()).toEqual([445]);
    rack.run(1_440);
    expect(rack.down()).toEqual([]);
    expect([...rack.services.down]).toEqual([]);
  });

  it('lets what a device is there for take the place of what it only announces, once it is known', () => {
    const announced = offers([8200, 'ssdp'], [5000, 'mdns'], [5001, 'mdns']);
    const rack = new Rack([device('nas', { facts: kind('nas'), ...announced })]).run(90);
    const ports = () => rack.services.book.get('nas')?.checks.map(({ port }) => port);
    expect(ports()).toEqual([5000, 8200, 5001]);
    rack.devices.set('nas', nas({ ...offers([8200, 'ssdp'], [5000, 'mdns'], [5001, 'mdns'], [445, 'ports'], [443, 'ports']) }));
    rack.run(2);
    expect(ports()).toEqual([445, 443, 5000]);
    expect(checkWords(rack.services.book.get('nas')?.checks[2] as ServiceCheck)).toBe('port 5000: open');
  });

  it.each([
    [1, 6, 1],
    [2, 2, 2],
    [3, 8, 3],
    [3, 6, 0],
    [6, 6, 0],
  ])(
    'tells of the services of %i devices in %i as those of %i: half of the house is kept from the hub, not broken',
    (closed, all, told) => {
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].slice(0, all);
      const rack = new Rack(ids.map((id) => nas({ id }))).run(90);
      rack.answers = (_, id) => (ids.indexOf(id) < closed ? 'no reply' : 'open');
      const most = Array.from({ length: 1_200 }, () => toldServices(rack.run(1 / 60).services).length);
      expect(Math.max(...most)).toBe(told);
    },
  );

  it('forgets the services of devices that are gone', () => {
    const rack = new Rack().run(5);
    rack.devices.clear();
    rack.run(1);
    expect(rack.services.book.size).toBe(0);
  });

  it('changes nothing while nothing is due', () => {
    const rack = new Rack().run(5);
    const before = rack.services;
    const inputs = { results: [], transitions: [], devices: rack.devices, book: new Map(), mayAsk: () => true, isTrusted: () => true };
    expect(watchServices(before, { ...inputs, now: at(before.dueAtMs / 1000 - 0.25) }).services).toBe(before);
  });

  it('goes on after a restart with what it knew: what is down stays so, what was open is meant', () => {
    const rack = new Rack().run(90);
    rack.answers = refusing(445);
    rack.run(15);
    const now = at(rack.seconds);
    const saved = savedServices(rack.services);
    expect(saved.map(({ port, downSinceAt }) => [port, downSinceAt !== undefined])).toEqual([
      [445, true],
      [443, false],
      [5000, false],
    ]);
    const later = new Rack([nas()], restoreServices(saved, { ...now, monoMs: 0 }));
    expect([...later.services.down]).toEqual(['nas']);
    later.answers = () => 'refused';
    later.run(20);
    expect(later.down()).toEqual([445, 443, 5000]);
    expect(later.services.book.get('nas')?.checks[0]?.downSince?.wallMs).toBe(saved[0]?.downSinceAt);
  });
});
