/**
 * `npm run api:types`: writes src/web/client/api.ts, the types of what the page's own scripts are answered, from the description of the API; a test says when that is not what the
 * description says any more. For a whole client give the description to a generator: `hearthbeat desk openapi`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { EVERY_CALL } from '../src/desk/api/every-call.ts';
import { openApi } from '../src/desk/api/openapi.ts';

/** What the scripts ask for; what these are made of comes along. */
const WANTED = ['Acknowledged', 'TicketActed', 'IncidentActed', 'ShiftSaid', 'Problem', 'Change'];
export const API_TYPES = path.resolve(import.meta.dirname, '../src/web/client/api.ts');
const WIDTH = 140;

type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
};
type Schemas = Readonly<Record<string, Schema>>;

export function apiTypes(): string {
  const schemas = openApi(EVERY_CALL).components.schemas as Schemas;
  const types = withTheirParts(schemas, WANTED).map((name) => declared(name, typeOf(schemas[name] as Schema)));
  return `/** What the API answers to the page's scripts. Made of its description by \`npm run api:types\`: change that. */\n\n${types.join('\n')}`;
}

function withTheirParts(schemas: Schemas, names: readonly string[]): string[] {
  const known = new Set<string>();
  const add = (name: string): void => {
    if (known.has(name)) return;
    if (!Object.hasOwn(schemas, name)) throw new Error(`the description has no ${name}`);
    known.add(name);
    for (const [, part = ''] of JSON.stringify(schemas[name]).matchAll(/#\/components\/schemas\/(\w+)/g)) add(part);
  };
  for (const name of names) add(name);
  return [...known].sort();
}

/** As Biome writes it. */
function declared(name: string, type: string): string {
  const line = `export type ${name} = ${type};\n`;
  return line.includes('{') || line.length <= WIDTH ? line : `export type ${name} =\n  | ${type.split(' | ').join('\n  | ')};\n`;
}

/** Throws for what no answer to the page has yet. */
function typeOf(schema: Schema, indent = ''): string {
  const { $ref, type, items, anyOf = schema.oneOf } = schema;
  if ($ref !== undefined) return $ref.split('/').at(-1) as string;
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
  if (anyOf !== undefined) return anyOf.map((one) => typeOf(one, indent)).join(' | ');
  if (type === 'array' && items) return `${wrapped(typeOf(items, indent))}[]`;
  if (type === 'object') return objectOf(schema, indent);
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string' || type === 'boolean' || type === 'null') return type;
  throw new Error(`no type for ${JSON.stringify(schema)}`);
}

function objectOf({ properties = {}, required = [] }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(
    ([name, schema]) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema, inner)};\n`,
  );
  return `{\n${lines.join('')}${indent}}`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

function wrapped(type: string): string {
  return type.includes(' | ') ? `(${type})` : type;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(API_TYPES, apiTypes());
