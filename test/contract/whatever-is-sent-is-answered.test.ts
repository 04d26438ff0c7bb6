/** Every address of the desk, with one part of what is sent to it replaced by what no person would type: it is refused in words or done, and never fails. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Call } from '../../src/desk/api/call.ts';
import { EVERY_CALL } from '../../src/desk/api/every-call.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';
import { bodyFor, pathFor } from '../fakes/what-is-asked.ts';

const SEED = 20261124;
/** Of each address. 700 of each, with two other seeds, found nothing more. */
const TIMES = 8;

/** What breaks parsers, engines and counters. */
const STRANGE = [
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '\u202egpj.exe', '%00', '../..', "' or 1=1 --", '<script>alert(1)</script>', '__proto__'],
  ...[
    'constructor',
    '-1',
    '0',
    '1e309',
    '9'.repeat(25),
    '0x10',
    '2026-02-30',
    '275760-09-13',
    '2026-13',
    'x'.repeat(30_000),
    'ä'.repeat(400),
  ],
  ...[0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324, null, true, [], [null], ['\u0000'], {}, { a: '\u0000' }],
];

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
};

const schemaOf = (type: z.ZodType): Schema => z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Schema;

/** The fields that may be sent, each with the words that are known for it. */
function fieldsOf(schema: Schema): Map<string, unknown[]> {
  const fields = new Map<string, unknown[]>();
  for (const each of [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
    for (const [name, part] of Object.entries(each.properties ?? {})) fields.set(name, [...(fields.get(name) ?? []), ...wordsOf(part)]);
  return fields;
}

const wordsOf = (part: Schema): unknown[] => [...(part.enum ?? []), ...(part.const === undefined ? [] : [part.const])];

/** One part of a request, and what stands there. */
type Odd = { readonly of: 'path' | 'query' | 'body'; readonly name: string; readonly value: unknown };

function odds(call: Call | undefined, path: string, body: object): fc.Arbitrary<Odd> {
  const inBody = fieldsOf(call?.body === undefined ? {} : schemaOf(call.body));
  for (const name of Object.keys(body)) if (!inBody.has(name)) inBody.set(name, []);
  const inQuery = fieldsOf(call === undefined ? {} : schemaOf(call.query));
  const parts = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({ of: 'path' as const, name, words: [] })),
    ...[...inQuery].map(([name, words]) => ({ of: 'query' as const, name, words })),
    ...[...inBody].map(([name, words]) => ({ of: 'body' as const, name, words })),
  ];
  if (parts.length === 0) return fc.constant({ of: 'query', name: 'none', value: 'x' });
  return fc
    .constantFrom(...parts)
    .chain(({ of, name, words }) => fc.constantFrom<unknown>(...STRANGE, ...words).map((value) => ({ of, name, value })));
}

function askedOf(pathOf: (others: Record<string, string>) => string, body: object, { of, name, value }: Odd): [string, object] {
  const text = encodeURIComponent((typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed().slice(0, 2_000));
  // An empty part of a path would be another address.
  if (of === 'path') return [pathOf({ [name]: text || '%20' }), body];
  const path = pathOf({});
  if (of === 'query') return [`${path}${path.includes('?') ? '&' : '?'}${name}=${text}`, body];
  return [path, { ...body, [name]: value }];
}

/** Too much, too often and what somebody else does in the meantime are answers, too. */
const ANSWERS = [200, 201, 303, 304, 400, 401, 403, 404, 409, 413, 429];
/** What is left of a home that is forgotten answers little, and who has gone is asked to come in; a stream has no end. */
const ENDS = /forget$|^delete |sign-out|\/stream$/;

describeOnEachEngine('whatever is sent to the desk', (open) => {
  it('is refused in words or done, and never fails', async () => {
    const desk = new GuardedDesk(await open());
    await desk.start();
    const failed: string[] = [];
    for (const { method, path } of desk.world.desk.app.rules.filter((rule) => !ENDS.test(`${rule.method} ${rule.path}`))) {
      const call = EVERY_CALL.find((one) => one.method === method && one.path === path);
      // Nobody asks too often.
      await desk.world.clock.advance(60_000);
      const headers = await desk.headersOf('lead');
      const sample = await bodyFor(desk, desk.own, `${method} ${path}`);
      for (const odd of fc.sample(odds(call, path, method === 'get' ? {} : sample), { numRuns: TIMES, seed: SEED })) {
        const body = method === 'get' ? {} : await bodyFor(desk, desk.own, `${method} ${path}`);
        const [address, sent] = askedOf((others) => pathFor(desk.own, path, others), body, odd);
        const response = await desk.ask(method, address, headers, sent);
        const text = await response.text();
        if (!ANSWERS.includes(response.status))
          failed.push(`${method} ${address.slice(0, 200)} ${JSON.stringify(sent).slice(0, 300)}: ${response.status} ${text.slice(0, 200)}`);
      }
    }
    expect(failed, `seed ${SEED}`).toEqual([]);
  });
});
