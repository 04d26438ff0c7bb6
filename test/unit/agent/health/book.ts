/** Builders for health tests: a home of bare devices and a clock that counts seconds. */
import type { CheckRecord, HealthBook, HubCondition } from '../../../../src/agent/health/health.ts';
import { type Hearing, listen } from '../../../../src/agent/health/hearing.ts';
import { type HealthInputs, judge } from '../../../../src/agent/health/judge.ts';
import { planProbes, withProbing, witnessesFor } from '../../../../src/agent/health/plan.ts';
import type { ProbeMethod, ProbeRequest, ProbeResult } from '../../../../src/agent/health/probe.ts';
import type { Device } from '../../../../src/agent/inventory/device.ts';
import { NO_OFFERS } from '../../../../src/agent/inventory/offers.ts';
import type { Parents } from '../../../../src/agent/inventory/wiring.ts';
import { STANDARD_POLICY } from '../../../../src/agent/policy.ts';
import type { Instant } from '../../../../src/base/clock.ts';

export const GOOD_HUB: HubCondition = { links: { eth0: true, eth1: true }, eventLoopLagMs: 2 };
const EPOCH = Date.UTC(2026, 0, 3, 12);

export const at = (seconds: number): Instant => ({ monoMs: seconds * 1000, wallMs: EPOCH + seconds * 1000 });

export function device(id: string, more: Partial<Device> = {}): Device {
  const ip = `192.168.50.${10 + id.charCodeAt(0)}`;
  return {
    id,
    identifiers: [],
    addresses: [{ ip, interface: 'eth0', mac: '00:11:22:33:44:55', firstAt: 0, lastAt: 1 }],
    facts: {},
    seenBy: {},
    ...NO_OFFERS,
    firstSeenAt: 0,
    lastSeenAt: 1,
    isGateway: false,
    personal: false,
    ...more,
  };
}

/** How a device of the test answers: a round trip in ms, silence, or a failure of the probe itself. */
export type Behaviour = (method: ProbeMethod, seconds: number) => number | 'silent' | 'ARP failed' | 'unable';

export const answersAll: Behaviour = () => 0.4;
export const silent: Behaviour = () => 'silent';

/** Steps the real plan and judge four times a second, with devices that behave as told. */
export class House {
  book: HealthBook = new Map();
  readonly devices: Map<string, Device>;
  readonly behaviour = new Map<string, Behaviour>();
  readonly log: string[] = [];
  hub: HubCondition = GOOD_HUB;
  hearing: Hearing = {};
  canRevalidate = true;
  /** Whether a device is usually silent now. */
  rests: (id: string) => boolean = () => false;
  parents: Parents = new Map();
  policy = STANDARD_POLICY;
  asked: ProbeRequest[] = [];
  #seconds = 0;
  #underWay: { due: number; result: ProbeResult }[] = [];

  constructor(devices: readonly Device[]) {
    this.devices = new Map(devices.map((each) => [each.id, each]));
    for (const each of devices) this.behaviour.set(each.id, answersAll);
  }

  get now(): number {
    return this.#seconds;
  }

  state(id: string): string | undefined {
    return this.book.get(id)?.state;
  }

  /** Runs for so many seconds; `life` is what devices say by themselves at the first step. */
  run(seconds: number, life: HealthInputs['life'] = []): this {
    const end = this.#seconds + seconds;
    let said = life;
    while (this.#seconds < end) {
      this.#step(said);
      said = [];
      this.#seconds += 0.25;
    }
    return this;
  }

  #step(life: HealthInputs['life']): void {
    const now = at(this.#seconds);
    const results = this.#underWay.filter((probe) => probe.due <= this.#seconds).map((probe) => probe.result);
    this.#underWay = this.#underWay.filter((probe) => probe.due > this.#seconds);
    this.hearing = listen(this.hearing, this.book, this.hub, now.monoMs);
    const judged = judge(this.book, {
      devices: this.devices,
      parents: this.parents,
      life,
      results,
      hub: this.hub,
      hearing: this.hearing,
      rests: this.rests,
      policy: this.policy,
      now,
    });
    const asked = witnessesFor(this.book, judged.book);
    for (const { deviceId, from, to } of judged.transitions) this.log.push(`${this.#seconds} ${deviceId} ${from}>${to}`);
    const pressed = new Map(judged.book);
    for (const id of asked) pressed.set(id, { ...(pressed.get(id) as CheckRecord), nextProbeAtMs: now.monoMs });
    const requests = planProbes(pressed, this.devices, { ...this.hub, canRevalidate: this.canRevalidate }, now.monoMs);
    this.asked.push(...requests);
    for (const request of requests) this.#ask(request, now);
    this.book = withProbing(pressed, requests);
  }

  #ask(request: ProbeRequest, startedAt: Instant): void {
    const answer = (this.behaviour.get(request.deviceId) ?? silent)(request.method, this.#seconds);
    const tookMs = typeof answer === 'number' ? answer : answer === 'silent' ? request.timeoutMs : 1;
    const finishedAt = { monoMs: startedAt.monoMs + tookMs, wallMs: startedAt.wallMs + tookMs };
    const result: ProbeResult = {
      request,
      startedAt,
      finishedAt,
      outcome: typeof answer === 'number' ? 'answered' : answer === 'unable' ? 'unable' : 'silent',
      detail: typeof answer === 'number' ? 'reply' : answer,
      ...(typeof answer === 'number' ? { rttMs: answer } : {}),
    };
    this.#underWay.push({ due: this.#seconds + tookMs / 1000, result });
  }
}
