/** The description that a desk serves of its API, and whether answers hold to it: strictly, so that a field that is not described is a mistake. */
import { registerSchema, type SchemaObject, type Validator, validate } from '@hyperjump/json-schema/openapi-3-1';
import type { OpenApi } from '../../src/desk/api/openapi.ts';

/** Of OpenAPI 3.1 as its authors have it, with every schema in it by JSON Schema 2020-12. */
const OPENAPI = 'https://spec.openapis.org/oas/3.1/schema-base';

type Json = Parameters<Validator>[0];
type Operation = { readonly operationId: string; readonly responses: Record<string, Answered | { readonly $ref: string }> };
type Answered = {
  readonly content?: Record<string, { readonly schema: SchemaObject; readonly 'x-events'?: Record<string, SchemaObject> }>;
};

/** What is wrong with the document itself; empty where it is valid. */
export async function troublesOf(document: unknown): Promise<string[]> {
  return said(await validate(OPENAPI, document as Json, 'BASIC'));
}

export class DescribedApi {
  readonly document: OpenApi;
  /** Where its parts are registered. */
  readonly #parts: string;

  constructor(document: OpenApi) {
    this.document = document;
    const $defs = document.components.schemas;
    const text = JSON.stringify($defs);
    this.#parts = registered.get(text) ?? register({ $defs: closed($defs, '') });
    registered.set(text, this.#parts);
  }

  /** What is wrong with an answer. `path`: `/api/v1/sites/:id`. */
  async troubles(method: string, path: string, { status, type, body }: { status: number; type: string; body: unknown }): Promise<string[]> {
    const operation = this.document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method] as Operation | undefined;
    const described = operation?.responses[status] as Answered | undefined;
    if (operation === undefined || described === undefined) return [`${method} ${path}: ${status} is not described`];
    if (described.content === undefined) return body === undefined ? [] : [`${status} has a body`];
    const schema = described.content[type]?.schema;
    if (schema === undefined) return [`${status}: ${type} is not described`];
    return this.#against(`${operation.operationId} ${status}`, schema, body);
  }

  /** What is wrong with what a stream tells. */
  async troublesOfEvent(path: string, event: string, data: unknown): Promise<string[]> {
    const operation = this.document.paths[path]?.get as Operation | undefined;
    const schema = (operation?.responses[200] as Answered | undefined)?.content?.['text/event-stream']?.['x-events']?.[event];
    return schema === undefined ? [`the event ${event} is not described`] : this.#against(`the event ${event}`, schema, data);
  }

  async #against(name: string, schema: SchemaObject, body: unknown): Promise<string[]> {
    const text = `${this.#parts} ${JSON.stringify(schema)}`;
    const validator = validators.get(text) ?? (await validate(register(closed(schema, this.#parts))));
    validators.set(text, validator);
    if (validator(body as Json).valid) return [];
    return said(validator(body as Json, 'BASIC')).map((trouble) => `${name}: ${trouble}`);
  }
}

/** To make them takes longer than to use them. */
const registered = new Map<string, string>();
const validators = new Map<string, Validator>();
let counter = 0;

function register(schema: unknown): string {
  const uri = `https://desk.invalid/${counter++}`;
  registerSchema({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...(schema as SchemaObject) }, uri);
  return uri;
}

function said(output: ReturnType<Validator>): string[] {
  return output.valid
    ? []
    : (output.errors ?? []).map(
        ({ instanceLocation, absoluteKeywordLocation }) => `${instanceLocation} against ${absoluteKeywordLocation}`,
      );
}

/** Answers may gain fields, so clients are told to leave alone what they do not know; here nothing may be answered that is not described. */
function closed(schema: unknown, parts: string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => closed(one, parts));
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' ? (value as string).replace('#/components/schemas/', `${parts}#/$defs/`) : closed(value, parts),
    ]),
  );
  const isOpen = inner.type === 'object' && typeof inner.properties === 'object' && inner.additionalProperties === undefined;
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}
