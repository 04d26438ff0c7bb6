/**
 * Which facts of the catalogue are about a device. The maker must agree and the model be the whole name; where the fact depends on a hardware
 * revision that nobody knows, or only a name speaks of the model, the answer is what to look for. Nothing is concluded from a part of a name.
 */
import type { DeviceSummary } from '../inventory/device.ts';
import { type Catalogue, compareVersions, type Entry, type Maker, makerKey } from './catalogue.ts';
import type { Fact } from './fact.ts';
import { modelWords, revisionOf, tokensOf } from './model-words.ts';

export type Known = Pick<DeviceSummary, 'vendor' | 'model' | 'modelNumber' | 'firmware' | 'kind' | 'name'> &
  Partial<Pick<DeviceSummary, 'because'>>;

/** `by`: what of the device the fact was found by. `ask`: it may be any of the facts, and what would tell. */
export type Found =
  | { readonly is: 'about'; readonly fact: Fact; readonly by: string }
  | { readonly is: 'ask'; readonly facts: readonly Fact[]; readonly by: string; readonly lookFor: string };

/** Below this a model is a guess from the looks of a name. */
const SURE_MODEL = 0.5;
/** A name of a person's choice: only its first words are looked at. */
const MOST_NAME_WORDS = 12;
const LONGEST_MODEL_IN_NAME = 4;

export function factsAbout(catalogue: Catalogue, device: Known): Found[] {
  const key = device.vendor === undefined ? undefined : makerKey(device.vendor);
  const maker = key === undefined ? undefined : catalogue.makers.get(key);
  const byModel = maker ? modelFacts(maker, device) : [];
  const byKind = maker && device.kind ? (maker.kinds.get(device.kind) ?? []) : [];
  return [
    ...byModel,
    ...byKind.map((fact): Found => ({ is: 'about', fact, by: `every ${device.kind} of ${device.vendor}` })),
    ...(device.firmware === undefined ? [] : systemFacts(catalogue, key, device.firmware)),
  ];
}

/** A model number says more than a name, and a name that a person gave says least. */
function modelFacts(maker: Maker, device: Known): Found[] {
  const { model, modelNumber, name } = device;
  const isSure = (device.because?.find(({ fact }) => fact === 'model')?.confidence ?? 1) >= SURE_MODEL;
  const told = [modelNumber, model].flatMap((text) => {
    const words = text === undefined ? undefined : modelWords(text, maker.names);
    return text === undefined || words === undefined ? [] : [{ text, words }];
  });
  const asked: Found[] = [];
  for (const { text, words } of told) {
    const entries = (maker.models.get(words.key) ?? []).filter(({ not }) => !not || !told.some((other) => not.has(other.words.key)));
    const revision = words.revision ?? (modelNumber === undefined ? undefined : revisionOf(modelNumber));
    const exact = entries.filter(({ revisions }) => !revisions || (revision !== undefined && revisions.has(revision)));
    if (exact.length > 0 && (isSure || text === modelNumber))
      return distinct(exact).map((fact) => ({ is: 'about', fact, by: `model ${text}` }));
    asked.push(...asking(exact, `model ${text}`, 'the model on the label: it is only guessed here'));
    if (revision === undefined)
      asked.push(
        ...asking(
          entries.filter(({ revisions }) => revisions !== undefined),
          `model ${text}`,
        ),
      );
  }
  return model !== undefined || modelNumber !== undefined || name === undefined ? asked.slice(0, 1) : nameFacts(maker, name);
}

/** A model number in the name of something whose model nobody knows: `Bose-SoundTouch-20`. */
function nameFacts(maker: Maker, name: string): Found[] {
  const tokens = tokensOf(name).slice(0, MOST_NAME_WORDS);
  for (let length = LONGEST_MODEL_IN_NAME; length > 0; length--)
    for (let i = 0; i + length <= tokens.length; i++) {
      const words = modelWords(tokens.slice(i, i + length).join(' '), maker.names);
      const entries = words && words.key.length >= 4 && /\d/.test(words.key) ? maker.models.get(words.key) : undefined;
      const [found] = asking(entries ?? [], `its name "${name}"`, 'the model on the label: only its name speaks of it');
      if (found) return [found];
    }
  return [];
}

/** Nobody is sent to look at a label for what no source says. */
function asking(entries: readonly Entry[], by: string, lookFor?: string): Found[] {
  const sure = entries.filter(({ fact }) => fact.confidence !== 'low');
  const facts = distinct(sure);
  const [first] = facts;
  return first ? [{ is: 'ask', facts, by, lookFor: lookFor ?? first.lookFor ?? revisionWords(sure) }] : [];
}

function revisionWords(entries: readonly Entry[]): string {
  const written = entries.flatMap(({ fact }) =>
    (fact.match.models ?? []).flatMap((model) => (typeof model === 'string' ? [] : model.revisions)),
  );
  return `the hardware version on the label: it is about ${[...new Set(written)].join(', ')}`;
}

function distinct(entries: readonly Entry[]): Fact[] {
  return [...new Set(entries.map(({ fact }) => fact))];
}

/** Firmware that says only a number is the maker's own system. */
function systemFacts({ systems }: Catalogue, key: string | undefined, firmware: string): Found[] {
  const bare = /^v?(\d{1,5}(?:\.\d{1,6}){0,4})/i.exec(firmware)?.[1];
  return systems.flatMap(({ name, told, bareFor, versions }) => {
    const named = told.exec(firmware)?.[1];
    const running = named ?? (key !== undefined && bareFor.has(key) ? bare : undefined);
    if (running === undefined) return [];
    const by = `firmware ${named === undefined ? firmware : `${name} ${named}`}`;
    return versions
      .filter(({ fact, makers }) => (makers ? key !== undefined && makers.has(key) : named !== undefined) && isWithin(running, fact))
      .map(({ fact }): Found => ({ is: 'about', fact, by }));
  });
}

function isWithin(version: string, { match: { system } }: Fact): boolean {
  const { from, below } = system ?? {};
  return (from === undefined || compareVersions(version, from) >= 0) && (below === undefined || compareVersions(version, below) < 0);
}
