/**
 * One fact about how long a product is looked after: whom it is about, what ends when, what goes on working, who says so. The catalogue
 * (config/lifecycle) is made of them, and an integrator's own file too. Read by a closed schema, so that a slip of the pen is told, not guessed.
 */
import { z } from 'zod';
import { isPartialDate, lastMomentOf } from '../../base/partial-date.ts';
import { DEVICE_KINDS, type DeviceKind } from '../inventory/kinds.ts';

const words = (most: number) => z.string().min(1).max(most);
const date = z.string().refine(isPartialDate, 'is no date: write 2025, 2025-03 or 2025-03-31');
const version = z.string().regex(/^\d+(\.\d+)*$/, 'is no version: write numbers with dots');

const model = z.union([
  words(80),
  z.strictObject({
    name: words(80).describe('What the device, or a person, calls the model'),
    revisions: z.array(words(24)).min(1).max(12).describe('Hardware versions or generations it holds for: V2, Rev B, 2nd generation'),
  }),
]);

const matchSchema = z.strictObject({
  models: z.array(model).min(1).max(40).optional().describe('Model names and numbers, each the whole name without the maker'),
  not: z.array(words(80)).min(1).max(12).optional().describe('Model numbers of newer hardware under the same name'),
  everyKind: z
    .array(z.enum(Object.keys(DEVICE_KINDS) as [DeviceKind, ...DeviceKind[]]))
    .min(1)
    .optional()
    .describe('Every device of this maker and one of these kinds'),
  system: z
    .strictObject({
      name: words(40).describe('As firmware tells it: RouterOS'),
      from: version.optional().describe('This version and later ones'),
      below: version.optional().describe('Only versions before this one'),
      bare: z.literal(true).optional().describe('The firmware of this maker is this system, and often says only the number'),
      anyMaker: z.literal(true).optional().describe('Runs on hardware of any maker'),
    })
    .optional(),
});

/** Dates by what ends. None: nobody has told, or it goes on. */
const endsSchema = z.strictObject({
  sale: date.optional().describe('No longer made or sold: says little of support'),
  features: date.optional().describe('Only corrections from then on'),
  security: date.optional().describe('No more security updates'),
  paidSecurity: date.optional().describe('Security updates for those who pay, or by volunteers'),
  support: date.optional().describe("The maker's end of support or of life"),
  apps: date.optional().describe('Large apps or services of others stopped working on it'),
  cloud: date.optional().describe("The maker's servers were switched off"),
  pastBy: date.optional().describe('No exact date is known; the source called it ended by then'),
});

const exampleSchema = z.strictObject({
  vendor: words(60).optional().describe('None: the vendor of the fact'),
  model: words(120).optional(),
  modelNumber: words(80).optional(),
  firmware: words(120).optional(),
  kind: z.enum(Object.keys(DEVICE_KINDS) as [DeviceKind, ...DeviceKind[]]).optional(),
  seen: z.literal(true).optional().describe('Taken from a capture of a real device'),
});

const sourceSchema = z.strictObject({
  title: words(200).describe('`unconfirmed` where nothing was read: general knowledge'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(400)
    .optional(),
});

const shape = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is lower-case letters, digits and single hyphens'),
  vendor: words(60),
  alsoCalled: z.array(words(60)).min(1).max(6).optional().describe('Other names of the maker that devices tell'),
  product: words(120),
  kind: z.enum(Object.keys(DEVICE_KINDS) as [DeviceKind, ...DeviceKind[]]),
  match: matchSchema,
  released: date.optional(),
  ends: endsSchema,
  promised: z.literal(true).optional().describe('The dates are what the maker promises at least, not an end that was announced'),
  observed: z.literal(true).optional().describe('The maker announces no ends: the dates are those of the last updates that came'),
  supportedOn: date.optional().describe('Still looked after on this day, and no end announced'),
  exploited: z.literal(true).optional().describe('Attackers use holes in it that nobody will close'),
  doubt: words(300).optional().describe('Why the desk must look before a client is told'),
  stops: words(400).optional().describe('What no longer works or comes, in a sentence'),
  stays: words(300).optional().describe('What goes on working'),
  replacement: words(200).optional(),
  lookFor: words(200).optional().describe('Where the hardware revision can be read'),
  sources: z.array(sourceSchema).min(1).max(6),
  readOn: date.optional().describe('When the first source was read, or as of when it speaks'),
  confidence: z.enum(['high', 'medium', 'low']),
  examples: z.array(exampleSchema).min(1).max(24).describe('Devices that it is about'),
  counterExamples: z.array(exampleSchema).min(1).max(24).optional().describe('Devices that look like it and are not'),
});

/** A fact as it is written. */
export type WrittenFact = z.infer<typeof shape>;
export type Example = z.infer<typeof exampleSchema>;
/** A fact as it is used: examples only prove it. */
export type Fact = Omit<WrittenFact, 'examples' | 'counterExamples'>;
export type End = Exclude<keyof WrittenFact['ends'], 'pastBy'>;

/** Whether a source was read at all. */
export const UNCONFIRMED = 'unconfirmed';

const factSchema = shape.superRefine((fact, context) => {
  for (const { path, message } of contradictions(fact)) context.addIssue({ code: 'custom', path, message });
});

/** What the form allows and sense does not. */
function contradictions({ match, ends, released, sources, readOn, confidence, supportedOn }: WrittenFact) {
  const found: { path: (string | number)[]; message: string }[] = [];
  const wrong = (path: (string | number)[], message: string): void => void found.push({ path, message });
  if (!match.models && !match.everyKind && !match.system) wrong(['match'], 'matches nothing: name models, everyKind or system');
  if (Object.keys(ends).length === 0 && supportedOn === undefined) wrong(['ends'], 'says nothing: no end, and no supportedOn');
  for (const [end, at] of Object.entries(ends))
    if (released !== undefined && isPartialDate(at) && lastMomentOf(at) < Date.parse(released.slice(0, 4)))
      wrong(['ends', end], `is before the release in ${released}`);
  for (const [earlier, later] of [
    ['features', 'security'],
    ['security', 'paidSecurity'],
  ] as const)
    if (ends[earlier] && ends[later] && lastMomentOf(ends[earlier]) > lastMomentOf(ends[later]))
      wrong(['ends', later], `is before the end of ${earlier}`);
  const isRead = sources[0]?.title !== UNCONFIRMED;
  if (!isRead && confidence !== 'low') wrong(['confidence'], 'must be low where no source was read');
  if (isRead && sources[0]?.url === undefined) wrong(['sources', 0, 'url'], 'is missing: where was it read?');
  if (isRead && readOn === undefined) wrong(['readOn'], 'is missing: when was the source read?');
  return found;
}

/** Where (`3.ends.security`; rows count from 1) and what is wrong. */
export type FactProblem = { readonly path: string; readonly message: string };

/** The fact, or everything that is wrong with its form, `path` in front of each. */
export function readFact(value: unknown, path: string): WrittenFact | FactProblem[] {
  const read = factSchema.safeParse(value);
  if (read.success) return read.data;
  return read.error.issues.flatMap((issue) => {
    const at = [path, ...issue.path.map(String)].join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: `${at}.${key}`, message: 'is unknown here' }))
      : [{ path: at, message: issue.message }];
  });
}

/** The JSON schema of one fact, for editors and for other programs: config/schemas/lifecycle-fact.schema.json. */
export function factJsonSchema(): unknown {
  const { $schema, ...schema } = z.toJSONSchema(shape);
  return {
    $schema,
    $id: 'urn:hearthbeat:schema:lifecycle-fact:1',
    title: 'How long a product is looked after: one line of config/lifecycle/*.jsonl',
    ...schema,
  };
}
