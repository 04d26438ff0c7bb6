/**
 * Which service policy this desk held since when: each version is written down when a desk first runs with it, with what it changed, because the file holds the newest only. As text a
 * policy is JSON in which maps and sets are marked, so that one of an older program is read too.
 */
import type { Log } from '../../base/log.ts';
import { changeWords, differenceOf, versionTrouble } from '../service/difference.ts';
import type { ServicePolicy } from '../service/policy.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { changePolicies, findNewestPolicy, insertPolicy } from '../store/policies.ts';

/** Where it came from: who owns the file and when it was changed last, as far as the machine knows. */
export type PolicySource = { readonly file: string; readonly changedAt?: number; readonly changedBy?: string };

export type PolicyToKeep = { readonly policy: ServicePolicy; readonly source?: PolicySource | undefined };

export async function keepPolicy(database: DeskDatabase, { policy, source }: PolicyToKeep, at: number, log: Log): Promise<void> {
  const body = policyText(policy);
  const { version, since } = policy;
  await database.transaction().execute(async (db) => {
    const newest = await findNewestPolicy(db);
    if (newest?.body === body) return;
    const told = newest === undefined ? [] : changesIn(newest.body, policy);
    if (told === undefined)
      log.warn('what the service policy changes cannot be told: the one before was of another version of the program', { version });
    await insertPolicy(db, {
      version,
      since,
      held_from_at: at,
      file: source?.file ?? null,
      changed_at: source?.changedAt ?? null,
      changed_by: source?.changedBy ?? null,
      changes: told === undefined ? null : JSON.stringify(told),
      body,
    });
  });
}

const MOST_CHANGES = 500;

/** In words; undefined where the older one cannot be compared any more. What must be said of the two versions comes first. */
function changesIn(before: string, policy: ServicePolicy): string[] | undefined {
  try {
    const old = readPolicy(before);
    const changes = differenceOf(old, policy);
    const trouble = versionTrouble(old, policy, changes);
    return [...(trouble === undefined ? [] : [trouble]), ...changes.slice(0, MOST_CHANGES).map(changeWords)];
  } catch {
    return undefined;
  }
}

/** A home that is forgotten is in no version that was held, and in no words about it. Answers in how many it was. */
export async function forgetInPolicies(db: DeskDatabase, site: string): Promise<number> {
  return changePolicies(db, ({ body, changes }) => {
    if (!body.includes(site) && !changes?.includes(site)) return { body, changes };
    const policy = readPolicy(body);
    const homes = new Map([...policy.homes].filter(([id]) => id !== site));
    const words = changes === null ? null : JSON.stringify((JSON.parse(changes) as string[]).filter((each) => !each.includes(site)));
    return { body: policyText({ ...policy, homes }), changes: words };
  });
}

export function policyText(policy: ServicePolicy): string {
  return JSON.stringify(policy, (_, value: unknown) => {
    if (value instanceof Map) return { '@map': [...value] };
    return value instanceof Set ? { '@set': [...value] } : value;
  });
}

export function readPolicy(text: string): ServicePolicy {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('@map' in value) return new Map(value['@map'] as [unknown, unknown][]);
    return '@set' in value ? new Set(value['@set'] as unknown[]) : value;
  }) as ServicePolicy;
}
