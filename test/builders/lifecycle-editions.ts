/** Signed editions of the lifecycle catalogue, with keys made for the test. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { keyLine, sealEdition } from '../../src/agent/lifecycle/edition.ts';
import type { WrittenFact } from '../../src/agent/lifecycle/fact.ts';

export type Signer = { readonly privateKey: KeyObject; readonly line: string };

export function signerNamed(name: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, line: keyLine(publicKey, name) };
}

/** A fact that holds: the end of `Box {n}` of ACME. */
export function boxFact(n: number | string, change: object = {}): WrittenFact {
  return {
    id: `acme-box-${n}`,
    vendor: 'ACME',
    product: `Box ${n}`,
    kind: 'router',
    match: { models: [`Box ${n}`] },
    ends: { security: '2025-03' },
    sources: [{ title: 'ACME: end of life', url: 'https://acme.example/eol' }],
    readOn: '2026-01-02',
    confidence: 'high',
    examples: [{ model: `ACME Box ${n}` }],
    ...change,
  };
}

export const rowsOf = (facts: readonly object[]): string => facts.map((fact) => `${JSON.stringify(fact)}\n`).join('');

export function editionOf(facts: readonly object[], serial: number, { privateKey }: Signer): string {
  return sealEdition(rowsOf(facts), serial, privateKey);
}
