/** What is on its way to the hub: answers to its questions and what it hears, each until the tick at which the pipeline reads it. */
import type { MdnsSighting, NeighbourSighting } from '../../src/agent/discovery/sighting.ts';
import type { HealthBook } from '../../src/agent/health/health.ts';
import type { ProbeResult } from '../../src/agent/health/probe.ts';
import type { AnchorResult } from '../../src/agent/ports.ts';
import { type Dweller, instant } from './world.ts';

type Ready = { readonly readyMs: number };
export type Word = { readonly sighting: NeighbourSighting | MdnsSighting; readonly dweller: Dweller };

export class UnderWay {
  #results: (Ready & { readonly result: ProbeResult })[] = [];
  #words: (Ready & Word)[] = [];
  /** The newest word of each that was lived (fast-forward.ts), for the pipeline to read along with whatever it ticks for next. */
  readonly #lived = new Map<Dweller, Word>();
  #services: (Ready & { readonly result: ProbeResult })[] = [];
  #anchor: (Ready & { readonly result: AnchorResult }) | undefined;

  result(result: ProbeResult, readyMs: number): void {
    this.#results.push({ readyMs, result });
  }

  word(word: Word, readyMs: number): void {
    this.#words.push({ readyMs, ...word });
  }

  service(result: ProbeResult, readyMs: number): void {
    this.#services.push({ readyMs, result });
  }

  anchor(result: AnchorResult, readyMs: number): void {
    this.#anchor = { readyMs, result };
  }

  /** In the order in which they were asked, whoever asked: in the same tick that is the order of the book. */
  resultsBy(nowMs: number, book: HealthBook): ProbeResult[] {
    const [ready, later] = parted(this.#results, nowMs);
    this.#results = later;
    const results = ready.map(({ result }) => result);
    if (results.length < 2) return results;
    const places = new Map([...book.keys()].map((id, place) => [id, place]));
    const placeOf = ({ request }: ProbeResult): number => places.get(request.deviceId) ?? 0;
    return results.sort((a, b) => a.startedAt.monoMs - b.startedAt.monoMs || placeOf(a) - placeOf(b));
  }

  wordsBy(nowMs: number): { readonly lived: readonly Word[]; readonly ready: readonly Word[] } {
    const [ready, later] = parted(this.#words, nowMs);
    const lived = [...this.#lived.values()];
    this.#words = later;
    this.#lived.clear();
    return { lived, ready };
  }

  /** Hands over the words that are here by now; they are lived where `live` says so of each, else they wait for the pipeline. */
  liveWords(nowMs: number, live: (word: Word) => boolean): boolean {
    const [ready, later] = parted(this.#words, nowMs);
    if (ready.filter(live).length < ready.length) return false;
    this.#words = later;
    for (const word of ready) this.#lived.set(word.dweller, word);
    return true;
  }

  servicesBy(nowMs: number): ProbeResult[] {
    const [ready, later] = parted(this.#services, nowMs);
    this.#services = later;
    return ready.map(({ result }) => result);
  }

  anchorBy(nowMs: number): AnchorResult | undefined {
    if (this.anchorAtMs > nowMs) return undefined;
    const result = this.#anchor?.result;
    this.#anchor = undefined;
    return result;
  }

  isHeardSoon(dweller: Dweller): boolean {
    return this.#words.some((word) => word.dweller === dweller);
  }

  /** When the first answer of a device is here. */
  get resultAtMs(): number {
    return earliest(this.#results);
  }

  /** When the first word is here. */
  get wordAtMs(): number {
    return earliest(this.#words);
  }

  /** When the first answer of a service is here. */
  get serviceAtMs(): number {
    return earliest(this.#services);
  }

  get anchorAtMs(): number {
    return this.#anchor?.readyMs ?? Number.POSITIVE_INFINITY;
  }

  /** The hub has no power. */
  lose(): void {
    this.#results = [];
    this.#words = [];
    this.#lived.clear();
    this.#services = [];
    this.#anchor = undefined;
  }

  /** The hub was stopped until `backMs`: the time of every question has run out. */
  timeOut(backMs: number): void {
    const silence = { outcome: 'silent', detail: 'no reply', finishedAt: instant(backMs) } as const;
    this.#results = this.#results.map(({ result }) => ({ readyMs: backMs, result: { ...result, ...silence } }));
  }
}

/** Those that are here by now, and the others. */
function parted<R extends Ready>(all: R[], nowMs: number): [R[], R[]] {
  if (earliest(all) > nowMs) return [[], all];
  return [all.filter(({ readyMs }) => readyMs <= nowMs), all.filter(({ readyMs }) => readyMs > nowMs)];
}

function earliest(all: readonly Ready[]): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { readyMs } of all) if (readyMs < firstMs) firstMs = readyMs;
  return firstMs;
}
