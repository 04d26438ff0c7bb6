// What the lifecycle catalogue says about identification samples, one line a hit; samples that are one device are told once.
import type { Sighting } from '../src/agent/discovery/sighting.ts';
import type { FactName, Facts } from '../src/agent/inventory/device.ts';
import { bestFact, withStatements } from '../src/agent/inventory/facts.ts';
import { conclude, evidenceIn, type Fingerprints } from '../src/agent/inventory/fingerprints.ts';
import { isDeviceKind } from '../src/agent/inventory/kinds.ts';
import { factsAbout, type Known } from '../src/agent/lifecycle/match.ts';
import { readFingerprints } from '../src/platform/fingerprint-files.ts';
import { readLifecycleCatalogue } from '../src/platform/lifecycle-files.ts';
import { type Sample, sightingsOf } from './identify-samples.ts';

export function lifecycleMatches(samples: readonly Sample[]): string[] {
  const [catalogue, fingerprints] = [readLifecycleCatalogue(), readFingerprints()];
  const lines = samples
    .flatMap((sample) => [known(sample), told(sample, fingerprints)])
    .flatMap((device) =>
      factsAbout(catalogue, device).map((found) => {
        const about = found.is === 'about' ? found.fact.id : `ask: ${found.facts.map(({ id }) => id).join(', ')}`;
        const { vendor, model, modelNumber, firmware, name } = device;
        const shown = [vendor, model, modelNumber, firmware && `firmware ${firmware}`, found.by.startsWith('its name') && name];
        return `${shown.filter(Boolean).join(' | ')} -> ${about}`;
      }),
    );
  return [...new Set(lines)].sort();
}

function known({ expect }: Sample): Known {
  const { vendor, model } = expect;
  const { hw_version: revision, os_version: system } = expect as { hw_version?: string; os_version?: string };
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model: revision === undefined ? model : `${model} ${revision}` }),
    ...(system === undefined ? {} : { firmware: system }),
  };
}

function told(sample: Sample, fingerprints: Fingerprints): Known {
  const facts = sightingsOf(sample).reduce<Facts>((all, sighting) => withStatements(all, concluded(sighting, fingerprints), 0, []), {});
  const kind = bestFact(facts, 'kind');
  const said = (['vendor', 'model', 'modelNumber', 'firmware', 'name'] as const satisfies FactName[]).flatMap((fact) => {
    const value = bestFact(facts, fact);
    return value === undefined ? [] : [[fact, value] as const];
  });
  return { ...Object.fromEntries(said), ...(kind !== undefined && isDeviceKind(kind) ? { kind } : {}) };
}

function concluded(sighting: Sighting, fingerprints: Fingerprints) {
  return evidenceIn(sighting).flatMap((evidence) => conclude(fingerprints, evidence));
}
