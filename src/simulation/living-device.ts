/** One device of a simulated home as it lives: whether it is on and awake, where it is, what its link does to a round trip. It knows no other device. */
import type { Random } from '../base/random.ts';
import type { Range, SimulatedDevice } from './home.ts';
import type { Truth } from './home-control.ts';
import { between, exponential, fork } from './seeded-random.ts';

/** Typical round trips in homes: a switched wire, and Wi-Fi with power saving, where most are quick and a few are slow. */
const WIRED_RTT_MS: Range = [0.2, 0.6];
const WIFI_RTT_MS: Range = [2, 40];

/** Linux answers a closed UDP port to one asker 6 times at once, then once a second (icmp_ratelimit; XRLIM_BURST_FACTOR in net/ipv4/route.c). */
const REFUSALS_AT_ONCE = 6;
const REFUSAL_EVERY_MS = 1_000;

export class LivingDevice {
  readonly facts: SimulatedDevice;
  condition: Truth['condition'] = 'on';
  ip: string;
  /** In place of the loss of its profile. */
  forcedLoss: number | undefined;
  #refusals = { left: REFUSALS_AT_ONCE, atMs: 0 };
  readonly #random: Random;
  readonly #awake: Alternation | undefined;
  readonly #badLink: Alternation | undefined;

  constructor(facts: SimulatedDevice, bornMs: number, random: Random) {
    this.facts = facts;
    this.ip = facts.ip;
    this.#random = fork(random);
    const { sleep, loss } = facts;
    this.#awake = sleep && new Alternation(true, sleep.awakeMs, sleep.asleepMs, bornMs, fork(random));
    this.#badLink = loss.bursts && new Alternation(false, loss.bursts.lastMs, loss.bursts.everyMs, bornMs, fork(random));
  }

  isAwake(nowMs: number): boolean {
    return this.#awake?.isOn(nowMs) ?? true;
  }

  /** The time one question and its answer take on its link now, in milliseconds; undefined when either of them gets lost. */
  roundTripMs(nowMs: number): number | undefined {
    if (this.#random.fraction() < this.#lossNow(nowMs)) return undefined;
    return this.facts.link === 'wired' ? between(this.#random, WIRED_RTT_MS) : this.#wifiMs();
  }

  /** Whether it answers a datagram to a closed port now; each call is one such datagram. */
  refusesUdp(nowMs: number): boolean {
    if (this.facts.answers.closedPorts === 'silent') return false;
    const left = Math.min(REFUSALS_AT_ONCE, this.#refusals.left + (nowMs - this.#refusals.atMs) / REFUSAL_EVERY_MS);
    const refuses = left >= 1;
    this.#refusals = { left: refuses ? left - 1 : left, atMs: nowMs };
    return refuses;
  }

  #wifiMs(): number {
    const [least, most] = WIFI_RTT_MS;
    return least + (most - least) * this.#random.fraction() ** 3;
  }

  #lossNow(nowMs: number): number {
    if (this.forcedLoss !== undefined) return this.forcedLoss;
    const { fraction, bursts } = this.facts.loss;
    return bursts && this.#badLink?.isOn(nowMs) ? bursts.badFraction : fraction;
  }
}

/**
 * Two states in turn with exponential lengths: a sleeper, or the Gilbert-Elliott model of a link. Worked out when asked, from its own
 * random stream, so the answer for an instant does not depend on how often somebody asked before.
 */
class Alternation {
  #on: boolean;
  #untilMs: number;
  readonly #onMs: number;
  readonly #offMs: number;
  readonly #random: Random;

  constructor(on: boolean, onMs: number, offMs: number, nowMs: number, random: Random) {
    this.#on = on;
    this.#onMs = onMs;
    this.#offMs = offMs;
    this.#random = random;
    this.#untilMs = nowMs + this.#length();
  }

  isOn(nowMs: number): boolean {
    while (nowMs >= this.#untilMs) {
      this.#on = !this.#on;
      this.#untilMs += this.#length();
    }
    return this.#on;
  }

  #length(): number {
    return exponential(this.#random, this.#on ? this.#onMs : this.#offMs);
  }
}
