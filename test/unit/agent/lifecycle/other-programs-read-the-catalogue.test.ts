import { describe, expect, it } from 'vitest';
import { cycloneDxBom, openEoxStatements } from '../../../../src/agent/lifecycle/exchange.ts';
import type { Fact } from '../../../../src/agent/lifecycle/fact.ts';
import { readLifecycleFacts } from '../../../../src/platform/lifecycle-files.ts';
import { acmeBox } from '../../../builders/acme-box.ts';

const facts = readLifecycleFacts();
const core = (changes: Partial<Fact>) => openEoxStatements([acmeBox(changes)])[0]?.core;

describe('OpenEoX Core', () => {
  it('says each end as the last second of its period, and what is not announced as such', () => {
    expect(core({ released: '2019-05', ends: { sale: '2022', security: '2025-03', support: '2026-01-31' } })).toEqual({
      $schema: 'https://docs.oasis-open.org/openeox/eox-core/v1.0/schema/core.json',
      end_of_life: '2026-01-31T23:59:59Z',
      end_of_security_support: '2025-03-31T23:59:59Z',
      end_of_sales: '2022-12-31T23:59:59Z',
      general_availability: '2019-05-01T00:00:00Z',
      last_updated: '2026-08-22T00:00:00Z',
    });
    expect(core({ supportedOn: '2026-08-22' })).toMatchObject({ end_of_life: 'tba', end_of_security_support: 'tba' });
    expect(core({ ends: { support: '2025' } })).toMatchObject({ end_of_security_support: '2025-12-31T23:59:59Z' });
  });

  it('is silent about what it cannot say, what nobody read and what its source doubts', () => {
    expect(core({ ends: { pastBy: '2023' } })).toBeUndefined();
    expect(core({ ends: { support: '2024', security: '2025' } })).toBeUndefined();
    expect(core({ confidence: 'low', ends: { support: '2024' } })).toBeUndefined();
    expect(core({ doubt: 'Softened.', ends: { support: '2024' } })).toBeUndefined();
    expect(core({ observed: true, ends: { security: '2024' } })).toBeUndefined();
  });

  it('passes the mandatory tests of the specification for the whole catalogue', () => {
    const statements = openEoxStatements(facts);
    expect(statements.length).toBeGreaterThan(800);
    const order = (date: string): number => (date === 'tba' ? Number.POSITIVE_INFINITY : Date.parse(date));
    for (const { product, core: said } of statements) {
      const { $schema: _, last_updated: updated, end_of_life: endOfLife, general_availability: available, ...others } = said;
      const dates = Object.values(others).filter((date) => date !== 'tba');
      for (const date of [...dates, updated, available ?? updated]) expect(date, product.id).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      for (const date of dates) expect(order(date), product.id).toBeLessThanOrEqual(order(endOfLife));
      if (available !== undefined)
        for (const date of [...dates, endOfLife]) expect(order(available), product.id).toBeLessThanOrEqual(order(date));
    }
  });
});

describe('CycloneDX', () => {
  it('has a component a fact, with its milestones, and the ends it has no name for in our own namespace', () => {
    const bom = cycloneDxBom(
      [acmeBox({ released: '2019', ends: { security: '2025-03', cloud: '2026' }, exploited: true }), acmeBox({ confidence: 'low' })],
      0,
    );
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { timestamp: '1970-01-01T00:00:00Z' },
      components: [
        {
          type: 'device',
          'bom-ref': 'acme-box',
          manufacturer: { name: 'ACME' },
          name: 'Box',
          properties: [
            { name: 'cdx:lifecycle:milestone:generalAvailability', value: '2019' },
            { name: 'cdx:lifecycle:milestone:endOfGuaranteedSupport', value: '2025-03' },
            { name: 'hearthbeat:lifecycle:cloud', value: '2026' },
            { name: 'hearthbeat:lifecycle:exploited', value: 'true' },
            { name: 'hearthbeat:lifecycle:readOn', value: '2026-08-22' },
            { name: 'hearthbeat:lifecycle:confidence', value: 'high' },
          ],
          externalReferences: [{ type: 'documentation', url: 'https://acme.example/eol' }],
        },
      ],
    });
    expect((bom as { components: unknown[] }).components).toHaveLength(1);
  });

  it('names only milestones of its taxonomy', () => {
    const { components } = cycloneDxBom(facts, 0) as { components: { properties: { name: string }[] }[] };
    const names = new Set(
      components.flatMap(({ properties }) => properties.map(({ name }) => name)).filter((name) => name.startsWith('cdx:')),
    );
    expect([...names].sort()).toEqual(
      ['endOfDevelopment', 'endOfGuaranteedSupport', 'endOfProduction', 'endOfSupport', 'generalAvailability'].map(
        (milestone) => `cdx:lifecycle:milestone:${milestone}`,
      ),
    );
  });
});
