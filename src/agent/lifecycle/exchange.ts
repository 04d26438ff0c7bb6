/**
 * The catalogue in formats that other programs read: OASIS OpenEoX Core 1.0 (committee specification draft 01, 13 July 2026) and CycloneDX 1.6 with
 * the milestones of its property taxonomy (cdx:lifecycle:milestone). Only what a source says without doubt is handed on.
 */
import { firstMomentOf, lastMomentOf } from '../../base/partial-date.ts';
import type { End, Fact } from './fact.ts';

const CORE_SCHEMA = 'https://docs.oasis-open.org/openeox/eox-core/v1.0/schema/core.json';
/** Not yet announced; greater than any date (section 6.1.1). */
const TBA = 'tba';

/** Names as OpenEoX has them; instants by RFC 3339 in UTC. */
type EoxCore = {
  readonly $schema: string;
  readonly end_of_life: string;
  readonly end_of_security_support: string;
  readonly end_of_sales?: string;
  readonly general_availability?: string;
  readonly last_updated: string;
};

/** OpenEoX Core leaves it to others to name the product (section 1), so it stands beside it. */
export type EoxStatement = {
  readonly product: { readonly vendor: string; readonly name: string; readonly id: string };
  readonly core: EoxCore;
};

/**
 * One statement a fact, but for those that the format cannot say: an end whose day nobody knows or the maker never committed to, or dates that
 * break its mandatory tests.
 */
export function openEoxStatements(facts: Iterable<Fact>): EoxStatement[] {
  return [...facts].filter(isCertain).flatMap((fact) => {
    const core = coreOf(fact);
    return core ? [{ product: { vendor: fact.vendor, name: fact.product, id: fact.id }, core }] : [];
  });
}

function isCertain({ confidence, doubt, readOn }: Fact): boolean {
  return confidence !== 'low' && doubt === undefined && readOn !== undefined;
}

function coreOf({ ends, released, observed, readOn = '' }: Fact): EoxCore | undefined {
  const { sale, security, support, pastBy } = ends;
  if (observed) return undefined;
  if (pastBy !== undefined && support === undefined && security === undefined) return undefined;
  const dates = [sale, security].flatMap((date) => (date === undefined ? [] : [lastMomentOf(date)]));
  // Tests 7.1.1 and 7.1.3: nothing after the end of life, nothing before general availability.
  if (support !== undefined && dates.some((date) => date > lastMomentOf(support))) return undefined;
  if (released !== undefined && [...dates, ...(support ? [lastMomentOf(support)] : [])].some((date) => date < firstMomentOf(released)))
    return undefined;
  const endOfLife = support === undefined ? TBA : lastSecondOf(support);
  return {
    $schema: CORE_SCHEMA,
    end_of_life: endOfLife,
    // Where all support has ended, that for security has too (test 7.2.1).
    end_of_security_support: security === undefined ? endOfLife : lastSecondOf(security),
    ...(sale === undefined ? {} : { end_of_sales: lastSecondOf(sale) }),
    ...(released === undefined ? {} : { general_availability: instant(firstMomentOf(released)) }),
    last_updated: instant(firstMomentOf(readOn)),
  };
}

function lastSecondOf(date: string): string {
  return instant(lastMomentOf(date));
}

function instant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Ends that CycloneDX has a milestone for; the others stay in a namespace of our own. */
const MILESTONES: Readonly<Partial<Record<End | 'pastBy', string>>> = {
  sale: 'endOfProduction',
  features: 'endOfDevelopment',
  security: 'endOfGuaranteedSupport',
  support: 'endOfSupport',
};

type Property = { readonly name: string; readonly value: string };

/** A bill of materials of the whole catalogue; dates are as exact as their sources have them (ISO 8601 knows `2025-03`). */
export function cycloneDxBom(facts: Iterable<Fact>, writtenAt: number): unknown {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: instant(writtenAt) },
    components: [...facts].filter(isCertain).map((fact) => ({
      type: fact.match.system ? 'operating-system' : 'device',
      'bom-ref': fact.id,
      manufacturer: { name: fact.vendor },
      name: fact.product,
      properties: propertiesOf(fact),
      externalReferences: fact.sources.flatMap(({ url }) => (url === undefined ? [] : [{ type: 'documentation', url }])),
    })),
  };
}

function propertiesOf({ ends, released, supportedOn, observed, exploited, readOn = '', confidence }: Fact): Property[] {
  const own = (name: string, value: string | undefined): Property[] =>
    value === undefined ? [] : [{ name: `hearthbeat:lifecycle:${name}`, value }];
  return [
    ...(released === undefined ? [] : [{ name: 'cdx:lifecycle:milestone:generalAvailability', value: released }]),
    ...(Object.entries(ends) as [End | 'pastBy', string][]).flatMap(([end, on]) =>
      MILESTONES[end] ? [{ name: `cdx:lifecycle:milestone:${MILESTONES[end]}`, value: on }] : own(end, on),
    ),
    ...own('supportedOn', supportedOn),
    ...own('observed', observed && 'true'),
    ...own('exploited', exploited && 'true'),
    ...own('readOn', readOn),
    ...own('confidence', confidence),
  ];
}
