/** What axe-core (Deque, MPL-2.0) finds wrong on a page as it stands in the browser, for people who see, hear or point otherwise. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

type Violation = {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
};

/** Every rule of WCAG 2.2 A and AA, and of axe's own best practice: one line a violation, none on a good page. Folds are opened first: what is folded nobody checks. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true");
  await page.evaluate(axe.source);
  const found = await page.evaluate<{ violations: Violation[]; passes: unknown[] }>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })",
  );
  if (found.passes.length === 0) throw new Error('axe checked nothing');
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.length} such as ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary?.replace(/\s+/g, ' ').slice(0, 200)}`,
  );
}
