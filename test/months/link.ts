/**
 * What the link of one device does to round trips. In good times the number of packets until the next loss is drawn beforehand, so that a thousand
 * answered ones are skipped in one step and cost the same random numbers as when they are sent one by one: a fast run meets the same losses as a
 * full one, packet for packet.
 */
import type { Random } from '../../src/base/random.ts';
import { exponential, fork } from '../../src/simulation/seeded-random.ts';
import type { LinkLoss, Resident } from './household.ts';
import { type Spell, SpellWalk } from './spells.ts';

/** More than any month sends. */
const ENDLESS = 2 ** 40;

/** Interference that takes this fraction of everything in the air. */
export type Noise = Spell & { readonly fraction: number };

export class Link {
  readonly #loss: LinkLoss;
  readonly #isWired: boolean;
  readonly #random: Random;
  readonly #bad: BadStates;
  readonly #noise: SpellWalk<Noise>;
  readonly #salt: number;
  #sent = 0;
  /** Packets that get through before the next one that does not, as long as the link is in its good state. */
  #untilLoss: number;

  constructor({ loss, link }: Pick<Resident, 'loss' | 'link'>, random: Random, noise: readonly Noise[] = []) {
    this.#loss = loss;
    this.#isWired = link === 'wired';
    this.#random = fork(random);
    this.#bad = new BadStates(loss, fork(random));
    this.#noise = new SpellWalk(noise);
    this.#salt = Math.floor(random.fraction() * 2 ** 31);
    this.#untilLoss = this.#drawUntilLoss();
  }

  /** Sends one round trip; its time in milliseconds, below 250, or undefined when it got lost. */
  roundTripMs(nowMs: number): number | undefined {
    const bad = this.#badFraction(nowMs);
    const isLost = bad > 0 ? this.#random.fraction() < bad : this.#isLostInGoodState();
    const rttMs = this.#rttMs(this.#sent++);
    return isLost ? undefined : rttMs;
  }

  /** How many round trips get through for sure as long as the link stays good. */
  get certain(): number {
    return this.#untilLoss;
  }

  /** From when on nothing is certain: now or later. */
  goodUntilMs(nowMs: number): number {
    if (this.#badFraction(nowMs) > 0) return nowMs;
    return Math.min(this.#bad.changesAtMs(nowMs), this.#noise.changesAtMs(nowMs));
  }

  /** Sends `count` round trips that are certain; the time of the last one. */
  skip(count: number): number {
    this.#untilLoss -= count;
    this.#sent += count;
    return this.#rttMs(this.#sent - 1);
  }

  /** The time of the round trip that was sent `back` before the newest one. */
  earlierRttMs(back: number): number {
    return this.#rttMs(this.#sent - 1 - back);
  }

  #badFraction(nowMs: number): number {
    return Math.max(this.#bad.isOn(nowMs) ? this.#loss.badFraction : 0, this.#noise.at(nowMs)?.fraction ?? 0);
  }

  #isLostInGoodState(): boolean {
    if (this.#untilLoss-- > 0) return false;
    this.#untilLoss = this.#drawUntilLoss();
    return true;
  }

  /** Geometric: independent loss of each packet. */
  #drawUntilLoss(): number {
    const { fraction } = this.#loss;
    return fraction === 0 ? ENDLESS : Math.floor(Math.log(1 - this.#random.fraction()) / Math.log(1 - fraction));
  }

  /** By the number of the packet alone: a wire's 0.2 to 0.6 ms, Wi-Fi's 2 to 40 ms, most of them quick. */
  #rttMs(number: number): number {
    const dice = hash(number ^ this.#salt) / 2 ** 32;
    return this.#isWired ? 0.2 + 0.4 * dice : 2 + 38 * dice ** 3;
  }
}

/** Good and bad in turn with exponential lengths, drawn as far as somebody asks. */
class BadStates {
  readonly #loss: LinkLoss;
  readonly #random: Random;
  /** When it changes; it is good before the first. */
  readonly #changes: number[] = [];
  #next = 0;

  constructor(loss: LinkLoss, random: Random) {
    this.#loss = loss;
    this.#random = random;
  }

  isOn(nowMs: number): boolean {
    this.#walkTo(nowMs);
    return this.#next % 2 === 1;
  }

  changesAtMs(nowMs: number): number {
    this.#walkTo(nowMs);
    return this.#changes[this.#next] as number;
  }

  #walkTo(nowMs: number): void {
    while (this.#next > 0 && (this.#changes[this.#next - 1] as number) > nowMs) this.#next--;
    for (;;) {
      if (this.#next === this.#changes.length) this.#changes.push((this.#changes.at(-1) ?? 0) + this.#length());
      if ((this.#changes[this.#next] as number) > nowMs) return;
      this.#next++;
    }
  }

  #length(): number {
    const mean = this.#changes.length % 2 === 1 ? this.#loss.lastMs : this.#loss.everyMs;
    return Number.isFinite(mean) ? exponential(this.#random, mean) : ENDLESS;
  }
}

/** A well mixed 32-bit integer (the finaliser of MurmurHash3, public domain, Austin Appleby). */
function hash(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
