/** Whether a plan covers an alert, in one sentence, and whether the dealer may be asked for it. Pure. */
import type { AlertCode, AlertSeverity } from '../../protocol/alert-catalogue.ts';
import { type Cover, type FirstAnswer, homeOf, type Plan, planOf, type ServicePolicy } from './policy.ts';

/** An alert as far as plans look at it. `kind`: of its device, where it is about one and that is known. */
export type Claim = {
  readonly code: AlertCode;
  readonly severity: AlertSeverity;
  readonly kind?: string | undefined;
  /** Of devices that are down together: they are at least half of the home. */
  readonly isMostOfHome?: boolean;
};

export type Entitlement = {
  readonly isCovered: boolean;
  readonly because: string;
  /** The house as a whole is down, and the plan answers that whatever else it covers. */
  readonly isPremisesDown: boolean;
  /** What is promised of the first answer. */
  readonly firstAnswer?: FirstAnswer;
};

const PREMISES: ReadonlySet<AlertCode> = new Set(['gateway-unreachable', 'internet-down', 'hub-silent']);

/** The router, the line, most devices at once, or the hub that would tell of all these. */
export function isPremisesDown({ code, isMostOfHome = false }: Claim): boolean {
  return PREMISES.has(code) || (code === 'devices-down' && isMostOfHome);
}

export function entitlement(policy: ServicePolicy, site: string, claim: Claim): Entitlement {
  const plan = planOf(policy, site);
  const missing = whyNotCovered(plan, claim);
  if (plan.premisesDown && isPremisesDown(claim)) {
    const because = 'The house is down: that is answered at any hour, whatever the plan covers.';
    return { isCovered: missing === undefined, because, isPremisesDown: true, firstAnswer: soonest(plan, missing === undefined) };
  }
  if (missing !== undefined) return { isCovered: false, because: missing, isPremisesDown: false };
  const promise = plan.firstAnswer && { firstAnswer: plan.firstAnswer };
  return { isCovered: true, because: `${plan.title} covers it.`, isPremisesDown: false, ...promise };
}

/** A plan that always answers sooner than it does when the house is down, does so then too. */
function soonest({ firstAnswer, premisesDown }: Plan, isCovered: boolean): FirstAnswer {
  const usual = isCovered && firstAnswer?.hours === undefined ? firstAnswer : undefined;
  return usual && usual.withinMs < premisesDown!.withinMs ? usual : premisesDown!;
}

function whyNotCovered({ id, title, covers }: Plan, claim: Claim): string | undefined {
  if (covers === undefined) return id === 'none' ? 'The home has no plan.' : `${title} covers no alert.`;
  if (!covers.severities.has(claim.severity))
    return `${title} covers what is ${listed([...covers.severities])}; this is ${claim.severity}.`;
  if (covers.codes && !covers.codes.has(claim.code)) return `${title} does not cover ${claim.code}.`;
  return isOfOtherKind(covers, claim) ? `${title} does not cover devices of the kind ${claim.kind}.` : undefined;
}

/** What nobody knows the kind of is not held against the home. */
function isOfOtherKind({ kinds }: Cover, { kind }: Claim): boolean {
  return kinds !== undefined && kind !== undefined && !kinds.has(kind);
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Who goes against the rule, and why: to be kept for whoever pays. */
export type Override = { readonly by: string; readonly reason: string };

/** `toLog`: what an override did, to be written down before anything is done. */
export type Escalation =
  | { readonly isAllowed: true; readonly dealer: string; readonly rate?: string; readonly because: string; readonly toLog?: string }
  | { readonly isAllowed: false; readonly because: string };

/** Whether the dealer of record may be asked to work on it: he bills by the hour, so the client said yes before, or the plan pays. */
export function escalation(policy: ServicePolicy, site: string, claim: Claim, override?: Override): Escalation {
  const { dealer, consent } = homeOf(policy, site);
  const plan = planOf(policy, site);
  if (dealer === undefined) return { isAllowed: false, because: 'The home has no dealer of record.' };
  if (plan.dealerIncluded && entitlement(policy, site, claim).isCovered)
    return { isAllowed: true, dealer, because: `${plan.title} pays for it.` };
  if (consent) {
    const { by, on, rate } = consent;
    return { isAllowed: true, dealer, rate, because: `${by} agreed to ${rate} on ${on}.` };
  }
  const refused = 'Nobody has recorded that the client agrees to be billed: who said yes, when, and at which rate.';
  if (override === undefined) return { isAllowed: false, because: refused };
  const [by, reason] = [override.by.trim(), override.reason.trim()];
  if (by === '' || reason === '') return { isAllowed: false, because: `${refused} To go on without needs a name and a reason.` };
  const because = `${by} overrode the missing consent: ${reason}`;
  return { isAllowed: true, dealer, because, toLog: `${because} (${claim.code}, to ${dealer}, policy ${policy.version})` };
}
