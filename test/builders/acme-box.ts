/** A fact about one product of nobody's, sourced and sure, that ends nowhere yet. */
import type { Fact } from '../../src/agent/lifecycle/fact.ts';

export function acmeBox(changes: Partial<Fact>): Fact {
  return {
    id: 'acme-box',
    vendor: 'ACME',
    product: 'Box',
    kind: 'router',
    match: { models: ['Box'] },
    ends: {},
    sources: [{ title: 'ACME: end of life', url: 'https://acme.example/eol' }],
    readOn: '2026-08-22',
    confidence: 'high',
    ...changes,
  };
}
