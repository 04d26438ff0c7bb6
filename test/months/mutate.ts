/** Loaded before everything else (`node --import`): changes one file of the product as it is read, as the variable MUTANT says. */
import { registerHooks } from 'node:module';
import type { Mutant } from './mutants.ts';

const { file, was, becomes } = JSON.parse(process.env.MUTANT ?? '{}') as Mutant;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(file)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(was)) throw new Error(`${file} does not contain: ${was}`);
    return { ...loaded, source: source.replace(was, becomes) };
  },
});
