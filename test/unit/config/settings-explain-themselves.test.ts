import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/config/read-settings.ts';
import { settingsJsonSchema, settingsSchema } from '../../../src/config/settings.ts';

const CONFIG = join(import.meta.dirname, '../../../config');
const EXAMPLE = readFileSync(join(CONFIG, 'hearthbeat.example.yaml'), 'utf8');

type Schema = { readonly description?: string; readonly default?: unknown; readonly properties?: Record<string, Schema> };
type Setting = { readonly path: string; readonly schema: Schema };

/** Every section and every setting, `desk.page.port`. */
function settingsIn(schema: Schema, above = ''): Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    { path: `${above}${name}`, schema: inner },
    ...settingsIn(inner, `${above}${name}.`),
  ]);
}

const ALL = settingsIn(settingsJsonSchema() as Schema);
const LEAVES = ALL.filter(({ schema }) => schema.properties === undefined);

/** The example with every setting switched on, but for those named. */
function switchedOn(...but: string[]): string {
  const isOff = new RegExp(`^ *# (${but.join('|')}):`);
  return EXAMPLE.split('\n')
    .filter((line) => but.length === 0 || !isOff.test(line))
    .map((line) => line.replace(/^( *)# ( *- |[a-z]\w*:)/, '$1$2'))
    .join('\n');
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

describe('every setting', () => {
  it('is known: the schema lists what is tested here', () => {
    expect(LEAVES.length).toBeGreaterThan(15);
    expect(LEAVES.map(({ path }) => path)).toEqual(expect.arrayContaining(['log', 'uplink.brokers', 'desk.broker.caFile']));
  });

  it.each(ALL)('$path says what it is for', ({ schema }) => {
    expect(schema.description).toMatch(/^[A-Z].*\.$/s);
  });

  it('may be left out, each section too: an empty file is a good file', () => {
    const defaults = settingsSchema.parse({});
    expect(readSettings('')).toEqual({ ok: true, value: defaults });
    const headings = ALL.filter(({ schema, path }) => schema.properties && !path.includes('.')).map(({ path }) => `${path}:\n`);
    expect(readSettings(headings.join(''))).toEqual({ ok: true, value: defaults });
    for (const { path, schema } of LEAVES) expect(valueAt(defaults, path), path).toEqual(schema.default);
  });
});

describe('the example file', () => {
  it('as it stands changes nothing', () => {
    expect(readSettings(EXAMPLE)).toEqual({ ok: true, value: settingsSchema.parse({}) });
  });

  it.each(ALL)('explains $path in the words of the schema', ({ path, schema }) => {
    const name = path.split('.').at(-1);
    const depth = path.split('.').length - 1;
    const explained = new RegExp(
      `^ {${2 * depth}}# ${escaped(schema.description ?? '-').replace(/\\\.$/, '[.:].*')}\n {${2 * depth}}(# )?${name}:`,
      'm',
    );
    expect(EXAMPLE).toMatch(explained);
  });

  it.each([
    ['password', 'clientSecret'],
    ['passwordFile', 'clientSecretFile'],
  ])('is valid with everything switched on but %s and %s, of which there may be one', (...others) => {
    const read = readSettings(switchedOn(...others));
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    for (const { path } of LEAVES.filter(({ path }) => !others.includes(path.split('.').at(-1) ?? '')))
      expect(valueAt(read.value, path), path).toBeDefined();
    expect(readSettings(switchedOn())).toMatchObject({
      ok: false,
      error: [
        'uplink.passwordFile',
        'mirror.passwordFile',
        'desk.provider.clientSecretFile',
        'desk.broker.passwordFile',
        'desk.database.passwordFile',
      ].map((path) => ({ path })),
    });
  });

  it('shows the defaults of the settings that have one', () => {
    const read = readSettings(
      switchedOn(
        'password',
        'clientSecret',
        'brokers',
        'include',
        'exclude',
        'urls',
        'off',
        'leaveAlone',
        'users',
        'only',
        'never',
        'kinds',
        'keys',
      ).replaceAll(/^ *- mqtts?:.*\n/gm, ''),
    );
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    for (const { path, schema } of LEAVES)
      if (schema.default !== undefined) expect(valueAt(read.value, path), path).toEqual(schema.default);
  });
});

it('the schema file for editors is what `hearthbeat config schema` prints (if not: npm run -s hearthbeat -- config schema > config/schemas/hearthbeat.schema.json)', () => {
  expect(JSON.parse(readFileSync(join(CONFIG, 'schemas/hearthbeat.schema.json'), 'utf8'))).toEqual(settingsJsonSchema());
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
