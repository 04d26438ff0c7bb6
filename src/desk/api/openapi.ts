/** The description of the API (OpenAPI 3.1), made of the calls themselves: what checks requests and types answers is what is described. Pure. */
import { z } from 'zod';
import { may, ROLES, SCOPES, scopesFor } from '../access/roles.ts';
import { type Call, problemShape, type RefusalStatus } from './call.ts';
import { by } from './taken.ts';

type Schema = Readonly<Record<string, unknown>>;
type Described = Readonly<Record<string, unknown>>;

export type OpenApi = {
  readonly openapi: '3.1.0';
  readonly info: Described;
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Described[];
  readonly tags: readonly Described[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> } & Described;
};

/** Within a version calls, fields of answers and values of what may be left out are only ever added. */
const VERSION = '1';

const ABOUT = `What the page of the desk shows and does, for programs.

- **Who asks**: with a token (\`Authorization: Bearer hbt_...\`, made by \`hearthbeat desk token create\`, or by a person for himself on the page of his account) or as the browser of somebody who is signed in. Each call says for whom it is; whoever sees only some homes is answered of these alone, and 404 for any other. A desk without accounts asks nobody, and answers its own machine only.
- **More may come**: answers gain fields within a version. A program is to leave alone what it does not know.
- **Lists** answer some at a time (\`limit\`). Where there is more, \`next\` says how it goes on, and the header \`Link\` has the whole address (rel="next").
- **Asking again**: each answer to a GET has an \`ETag\`; sent back as \`If-None-Match\` it is answered 304 without a body where nothing has changed. It is for the asker's own answer alone. To be told of changes instead of asking, listen at \`/api/v1/stream\`.
- **Two at once**: a step names the \`version\` that was seen, and 409 \`changed\` says that somebody was quicker. \`If-Match\` is for nothing here and is refused (412), so that nobody relies on it.
- **How often**: each answer says how much of the quota is left (\`RateLimit\`, \`RateLimit-Policy\`: draft-ietf-httpapi-ratelimit-headers); 429 says when the next request may come (\`Retry-After\`, in seconds).
- **Instants** are Unix milliseconds, days and partial dates are text.`;

/** What every call may be answered with, whatever it is about. */
const OF_ALL = {
  401: 'Nobody is signed in, or the token does not hold.',
  403: 'Not for this role; or the request of a browser does not come from the page of this desk.',
  429: 'Too often: `Retry-After` says in how many seconds the next request may come.',
} as const;

const REFUSED: Readonly<Record<RefusalStatus, string>> = {
  400: 'Not as described: the message names what is wrong.',
  403: OF_ALL[403],
  404: 'There is none, or it is not within reach.',
  409: 'It cannot be done as things stand now: somebody was quicker (`changed`, `taken`), it is over, or the rules are against it (`refused`).',
  412: 'It was sent with `If-Match`, which means nothing here: `version` does.',
  503: 'Not now.',
};

/** `origin`: what addresses begin with. Default: where the description was read. */
export function openApi(calls: readonly Call[], origin = '/'): OpenApi {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Described>> = {};
  for (const call of calls) {
    const path = call.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [call.method]: operationOf(call, schemas) };
  }
  const problem = schemas.of(problemShape, 'output');
  return {
    openapi: '3.1.0',
    info: { title: 'hearthbeat desk', version: VERSION, description: ABOUT, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: origin }],
    security: [{ token: [] }, { signIn: [] }],
    tags: [...new Set(calls.map(tagOf))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.all(),
      responses: { Problem: { description: 'It was not done.', content: { 'application/json': { schema: problem } } } },
      headers: HEADERS,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Has a role, its homes and an end.' },
        signIn: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-hearthbeat',
          description: 'Of a browser in which somebody signed in. By plain http its name is `hearthbeat`.',
        },
      },
    },
  };
}

const text = { schema: { type: 'string' } };
const HEADERS = {
  ETag: { ...text, description: 'Names this answer to whoever asked.' },
  Link: { ...text, description: 'Where there is more: `<ADDRESS>; rel="next"` (RFC 8288).' },
  RateLimit: { ...text, description: '`"token";r=599;t=1`: so many are left of the quota, which is whole again in so many seconds.' },
  'RateLimit-Policy': { ...text, description: '`"token";q=600;w=60`: the quota, for each window of so many seconds.' },
  'Retry-After': { schema: { type: 'integer', minimum: 0 }, description: 'Seconds.' },
};

function header(...names: (keyof typeof HEADERS)[]): Described {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function operationOf(call: Call, schemas: Schemas): Described {
  const { name, rule, isOwn, summary, about, body } = call;
  const letIn = rule === 'signed-in' ? [...ROLES] : ROLES.filter((role) => may(role, rule));
  const scopes = isOwn ? [] : rule === 'signed-in' ? [...SCOPES] : scopesFor(rule);
  const own = isOwn
    ? 'For the browser in which one is signed in: no token opens it.'
    : scopes.length === 0
      ? "A person's own token does not open it."
      : `A person's own token needs one of these scopes: ${scopes.join(', ')}.`;
  const words = [about, `For: ${letIn.join(', ')}. ${own}`].filter(Boolean).join('\n\n');
  return {
    operationId: name,
    tags: [tagOf(call)],
    summary,
    description: words,
    'x-rule': rule,
    'x-scopes': scopes,
    parameters: [...parametersOf(call.params, 'path', schemas), ...parametersOf(call.query, 'query', schemas)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemas.of(body, 'input') } } } }),
    responses: responsesOf(call, schemas),
  };
}

function parametersOf(given: z.ZodObject, where: 'path' | 'query', schemas: Schemas): Described[] {
  const { properties = {}, required = [] } = schemas.of(given, 'input') as { properties?: Record<string, Schema>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function responsesOf(call: Call, schemas: Schemas): Described {
  const { method, status, body, query, refusals, events, answer, paging, alsoAs } = call;
  const isStream = events !== undefined;
  const content = isStream
    ? { 'text/event-stream': { schema: { type: 'string' }, 'x-events': mapped(events, (event) => schemas.of(event, 'output')) } }
    : {
        'application/json': { schema: schemas.of(answer, 'output') },
        ...(alsoAs === undefined ? {} : { [alsoAs]: { schema: { type: 'string' } } }),
      };
  const isNamed = method === 'get' && !isStream;
  const headers = header('RateLimit', 'RateLimit-Policy', ...(isNamed ? (['ETag'] as const) : []), ...(paging ? (['Link'] as const) : []));
  const hasQuery = Object.keys(query.shape).length > 0;
  const refused = new Map<number, string>([
    ...Object.entries(OF_ALL).map(([code, why]) => [Number(code), why] as const),
    ...refusals.map((code) => [code, REFUSED[code]] as const),
    ...(hasQuery || body !== undefined ? [[400, REFUSED[400]] as const] : []),
    ...(method !== 'get' ? [[412, REFUSED[412]] as const, [413, 'The body is longer than 16 KiB.'] as const] : []),
  ]);
  const problem = (description: string, more = {}): Described => ({
    description,
    ...more,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  return {
    [status]: { description: 'Done.', headers, content },
    ...(isNamed
      ? { 304: { description: 'Nothing has changed since the answer that `If-None-Match` names.', headers: header('ETag') } }
      : {}),
    ...Object.fromEntries(
      [...refused].map(([code, why]) => [
        code,
        problem(why, code === 429 ? { headers: header('RateLimit', 'RateLimit-Policy', 'Retry-After') } : {}),
      ]),
    ),
    default: { $ref: '#/components/responses/Problem' },
  };
}

/** The noun of its path: `sites`. */
function tagOf({ path }: Pick<Call, 'path'>): string {
  return path.split('/')[3]?.replace(/\..*/, '') ?? '';
}

function mapped<T>(of: Readonly<Record<string, T>>, change: (one: T) => unknown): Described {
  return Object.fromEntries(Object.entries(of).map(([name, one]) => [name, change(one)]));
}

/** Schemas as JSON Schema (2020-12, the dialect of OpenAPI 3.1): those with a name once, among the components. */
class Schemas {
  readonly #named = new Map<string, Schema>();

  of(schema: z.ZodType, io: 'input' | 'output'): Schema {
    const {
      $defs = {},
      $schema: _,
      ...whole
    } = z.toJSONSchema(schema, { io, override: leaveOutWhoActs }) as Schema & { $defs?: Record<string, Schema> };
    for (const [name, { id: __, ...named }] of Object.entries($defs)) this.#named.set(name, tidied(named) as Schema);
    return tidied(whole) as Schema;
  }

  all(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#named].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

/** A desk with accounts knows who acts, so nobody has to say it. */
function leaveOutWhoActs({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: { required?: string[] };
}): void {
  if (!(zodSchema instanceof z.ZodObject) || zodSchema.shape.by !== by) return;
  jsonSchema.required = jsonSchema.required?.filter((name) => name !== 'by') ?? [];
}

/** Names are those of components; answers may gain fields; whole numbers are as large as instants are; bounds that are only those of exact numbers say nothing. */
function tidied(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tidied);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) =>
      !(key === 'additionalProperties' && value === false) &&
      !(/^(max|min)imum$/.test(key) && Math.abs(value as number) === Number.MAX_SAFE_INTEGER),
  );
  const plain = Object.fromEntries(
    entries.map(([key, value]) => [key, key === '$ref' ? String(value).replace('#/$defs/', '#/components/schemas/') : tidied(value)]),
  );
  return plain.type === 'integer' ? { ...plain, format: 'int64' } : plain;
}
