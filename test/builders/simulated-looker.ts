/** Looks how near their end devices are, by facts of a test's choice and in this process. */
import { compileCatalogue } from '../../src/agent/lifecycle/catalogue.ts';
import type { Fact } from '../../src/agent/lifecycle/fact.ts';
import { lookAtAll } from '../../src/agent/lifecycle/standing.ts';
import type { LifecycleLooker, LookRequest } from '../../src/agent/ports.ts';
import { readGrounds } from '../../src/platform/lifecycle-files.ts';

const grounds = readGrounds();

export class SimulatedLooker implements LifecycleLooker {
  readonly asked: LookRequest[] = [];
  facts: readonly Fact[];
  isSure = true;
  isBroken = false;

  constructor(facts: readonly Fact[]) {
    this.facts = facts;
  }

  async look(request: LookRequest) {
    this.asked.push(request);
    if (this.isBroken) return 'failed' as const;
    const now = { at: request.at + (request.deskAheadMs ?? 0), isSure: this.isSure };
    return lookAtAll(request.devices, { catalogue: compileCatalogue(this.facts), ...grounds, now }, await this.mark());
  }

  async mark(): Promise<string> {
    return this.facts
      .map(({ id, ends }) => `${id} ${JSON.stringify(ends)}`)
      .join()
      .slice(0, 80);
  }
}

/** Security updates for one model end on a day. */
export function factOf(id: string, vendor: string, model: string, security: string, more: Partial<Fact> = {}): Fact {
  return {
    id,
    vendor,
    product: model,
    kind: 'camera',
    match: { models: [model] },
    ends: { security },
    sources: [{ title: `${vendor} lifecycle`, url: 'https://vendor.example/end' }],
    readOn: '2020-01-01',
    confidence: 'high',
    ...more,
  };
}
