/**
 * Kinds of things that one person carries or uses. Where a home tells them all the same (`privacy.tellPersonal`), nobody is shown when they came and went (decisions 0005, 0007).
 * The hub's own table (agent/inventory/kinds.ts) says the same.
 */
const PERSONAL_KINDS: ReadonlySet<string | undefined> = new Set([
  'game-console',
  'computer',
  'phone',
  'portable-player',
  'tablet',
  'e-reader',
  'wearable',
]);

export function isPersonalKind(kind: string | undefined): boolean {
  return PERSONAL_KINDS.has(kind);
}
