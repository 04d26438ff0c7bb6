/** What rests between two ticks of a replay, and until when: devices, the line, the name servers, the services. What rests is set forward before the next tick. */
import type { CheckRecord } from '../agent/health/health.ts';
import type { InternetRecord } from '../agent/health/internet.ts';
import type { Services } from '../agent/health/services.ts';
import type { AgentState } from '../agent/state.ts';
import type { Instant } from '../base/clock.ts';
import type { House } from './house.ts';
import { lineSetForward, lineStillUntilMs, servicesSetForward, servicesStillUntilMs, setForward, stillUntilMs } from './still.ts';

/** Of what does not rest. */
const AWAKE = 0;

export class Rests {
  readonly #house: House;
  readonly #clock: (monoMs: number) => Instant;
  readonly #devices = new Map<string, { readonly record: CheckRecord; readonly untilMs: number }>();
  #lineMs = AWAKE;
  #namesMs = AWAKE;
  #servicesMs = AWAKE;
  /** As they were put to rest. */
  #services: Services | undefined;

  constructor(house: House, clock: (monoMs: number) => Instant) {
    this.#house = house;
    this.#clock = clock;
  }

  /** The hub starts anew. */
  end(): void {
    this.#devices.clear();
    [this.#lineMs, this.#namesMs, this.#servicesMs] = [AWAKE, AWAKE, AWAKE];
  }

  /** As the rounds until now would have left it. */
  setForward(state: AgentState, nowMs: number): AgentState {
    const { courseOf, namesCourseOf } = this.#house;
    for (const record of state.book.values()) {
      const rest = this.#devices.get(record.deviceId);
      if (rest?.record === record) setForward(record, courseOf(record.deviceId), nowMs, rest.untilMs, this.#clock);
    }
    const { internet, names, services } = state;
    return {
      ...state,
      ...(this.#lineMs === AWAKE ? {} : { internet: lineSetForward(internet, courseOf, nowMs, this.#lineMs, this.#clock) }),
      ...(this.#namesMs === AWAKE ? {} : { names: lineSetForward(names, namesCourseOf, nowMs, this.#namesMs, this.#clock) }),
      ...(this.#servicesMs === AWAKE || nowMs < this.#servicesMs
        ? {}
        : { services: servicesSetForward({ ...services, dueAtMs: nowMs }, courseOf, nowMs) }),
    };
  }

  /** When the first device is to be asked. */
  restDevices({ book }: AgentState, nowMs: number): number {
    let firstMs = Number.POSITIVE_INFINITY;
    const mayRest = this.#house.isWhollyLinked;
    if (!mayRest) this.#devices.clear();
    for (const record of book.values()) {
      const untilMs = mayRest ? this.#deviceUntilMs(record, nowMs) : nowMs;
      const nextMs = untilMs > nowMs ? untilMs : record.nextProbeAtMs;
      // Without an address it is not asked.
      const isAsked = record.interface !== undefined && !record.probing && this.#house.isLinked(record.interface);
      if (isAsked && nextMs < firstMs) firstMs = nextMs;
    }
    return firstMs;
  }

  #deviceUntilMs(record: CheckRecord, nowMs: number): number {
    const { deviceId } = record;
    const known = this.#devices.get(deviceId);
    if (known?.record === record && known.untilMs > nowMs && !record.probing) return known.untilMs;
    const untilMs = stillUntilMs(record, this.#house.courseOf(deviceId), nowMs);
    if (untilMs > nowMs) this.#devices.set(deviceId, { record, untilMs });
    else this.#devices.delete(deviceId);
    return untilMs;
  }

  /** With the times at which what rests is to be asked. */
  restOthers(state: AgentState, nowMs: number): AgentState {
    const { internet, names, services, book } = state;
    const { courseOf, namesCourseOf, gatewayId } = this.#house;
    const gateway = gatewayId === undefined ? undefined : book.get(gatewayId)?.state;
    const [lineWas, namesWere] = [this.#lineMs, this.#namesMs];
    this.#lineMs = later(lineStillUntilMs(internet, courseOf, gateway !== 'up' && gateway !== 'suspect', nowMs), nowMs);
    this.#namesMs = later(lineStillUntilMs(names, namesCourseOf, internet.state !== 'up', nowMs), nowMs);
    const next = {
      ...state,
      internet: rested(internet, lineWas, this.#lineMs, nowMs),
      names: rested(names, namesWere, this.#namesMs, nowMs),
      services: this.#restServices(services, (id) => book.get(id)?.state === 'up', nowMs),
    };
    this.#services = next.services;
    return next;
  }

  #restServices(services: Services, isUp: (deviceId: string) => boolean, nowMs: number): Services {
    if (this.#services === services && this.#servicesMs > nowMs) return services;
    this.#servicesMs = later(servicesStillUntilMs(services, this.#house.courseOf, isUp, nowMs), nowMs);
    return this.#servicesMs === AWAKE ? services : { ...services, dueAtMs: this.#servicesMs };
  }
}

const later = (untilMs: number, nowMs: number): number => (untilMs > nowMs ? untilMs : AWAKE);

/** What has just been woken is asked at once. */
function rested(record: InternetRecord, beforeMs: number, untilMs: number, nowMs: number): InternetRecord {
  if (untilMs !== AWAKE) return { ...record, nextAskAtMs: untilMs };
  return beforeMs === AWAKE ? record : { ...record, nextAskAtMs: nowMs };
}
