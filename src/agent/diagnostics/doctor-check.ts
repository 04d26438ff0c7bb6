/** What one check of `hearthbeat doctor` found, and which findings are only the consequence of another. Pure. */

export type CheckStatus = 'ok' | 'warning' | 'problem' | 'skipped';

export type Check = {
  readonly name: string;
  readonly status: CheckStatus;
  /** One sentence; for `skipped` it says why. */
  readonly summary: string;
  /** What to do next, a command where there is one. */
  readonly fix?: string;
};

/** A finding before the causes are known: `blames` are checks that explain this problem when they are problems themselves. */
export type Finding = Omit<Check, 'name'> & { readonly blames?: readonly string[] };

export const ok = (summary: string): Finding => ({ status: 'ok', summary });
export const skipped = (summary: string): Finding => ({ status: 'skipped', summary });
export const warning = (summary: string, fix: string): Finding => ({ status: 'warning', summary, fix });
export const problem = (summary: string, fix: string, blames: readonly string[] = []): Finding => ({
  status: 'problem',
  summary,
  fix,
  blames,
});

/** One cause is one problem: what a failed check already explains is no problem of its own and needs no fix of its own. */
export function withCauses(findings: ReadonlyMap<string, Finding>): Check[] {
  const causeOf = ({ status, blames = [] }: Finding): string | undefined =>
    status === 'problem' ? blames.find((name) => findings.get(name)?.status === 'problem') : undefined;
  return [...findings].map(([name, { blames: _, ...finding }]) => {
    const cause = causeOf(findings.get(name) as Finding);
    return cause === undefined ? { name, ...finding } : { name, status: 'skipped', summary: `${finding.summary} See "${cause}".` };
  });
}
