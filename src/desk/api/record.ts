/** Visits to a home and links about it, over HTTP: read, written down, changed and removed, from the page's forms or as JSON. */
import { z } from 'zod';
import { dayAfter, dayAt, isDay } from '../../base/time-zone.ts';
import { linkIn } from '../dossier/record.ts';
import { call, refuse } from './call.ts';
import { byForm, cleaned, type Done, kept, MISSING, noteDown, perhaps, place, remove, which, withoutCode } from './dossier.ts';
import type { Routes } from './routes.ts';
import { homeLinkShape, homeVisitShape } from './shapes/dossier.ts';
import { by } from './taken.ts';
import type { Visit } from './visit.ts';

const NO_DAY = 'a day such as 2026-11-23';
const day = cleaned(10, z.string(NO_DAY).refine(isDay, NO_DAY));

const visitFields = {
  day: day.describe('When it was: `2026-11-23`.'),
  who: cleaned(80, z.string('say who was there')).describe('A name or a role.'),
  why: cleaned(240, withoutCode(z.string('say what for'))),
  done: perhaps(1000).describe('What was done.'),
  nextDue: cleaned(10, z.string().refine(isDay, NO_DAY).optional()).describe('When the next one is due.'),
};
const linkFields = {
  title: cleaned(120, withoutCode(z.string('a title is needed'))),
  address: cleaned(
    500,
    z
      .string('an address is needed')
      .refine((text) => linkIn(text) !== undefined, 'an address such as https://example.com/manual.pdf, with no name and password in it')
      .transform((text) => linkIn(text) ?? ''),
  ),
};

type Days = { readonly day: string; readonly nextDue?: string | undefined };
const NO_GO_BACK = { path: ['nextDue'], error: 'the next one is due after this one' };
const goesOn = ({ day, nextDue }: Days): boolean => nextDue === undefined || nextDue > day;

const visitStep = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), by, ...visitFields }).refine(goesOn, NO_GO_BACK),
  z.object({ do: z.literal('change'), by, ...which, ...visitFields }).refine(goesOn, NO_GO_BACK),
  remove,
]);
const linkStep = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), by, ...linkFields }),
  z.object({ do: z.literal('change'), by, ...which, ...linkFields }),
  remove,
]);

const writes = { rule: 'note', about: 'Who may only note adds one and changes none.', params: place, answer: kept } as const;

export const RECORD_CALLS = {
  visits: call('listVisits', 'get /api/v1/sites/:id/visits', {
    rule: 'contacts',
    summary: 'Who was in a home for what, and when the next visit is due; the newest first',
    params: place,
    answer: z.object({ visits: z.array(homeVisitShape) }),
    refusals: [404],
  }),
  links: call('listLinks', 'get /api/v1/sites/:id/links', {
    rule: 'staff',
    summary: 'Where more stands about a home',
    params: place,
    answer: z.object({ links: z.array(homeLinkShape) }),
    refusals: [404],
  }),
  keepVisit: call('keepVisit', 'post /api/v1/sites/:id/visits', {
    ...writes,
    summary: 'Adds, changes or removes a visit to a home',
    body: visitStep,
    refusals: [400, 404, 409],
  }),
  keepLink: call('keepLink', 'post /api/v1/sites/:id/links', {
    ...writes,
    summary: 'Adds, changes or removes a link about a home',
    body: linkStep,
    refusals: [400, 404, 409],
  }),
};

export function addRecord(routes: Routes): void {
  routes.call(RECORD_CALLS.visits, async ({ params }, { reader }) => {
    const site = await reader.site(params.id);
    return site ? { visits: await reader.homeVisits(site.id) } : MISSING;
  });
  routes.call(RECORD_CALLS.links, async ({ params }, { reader }) => {
    const site = await reader.site(params.id);
    return site ? { links: await reader.links(site.id) } : MISSING;
  });
  routes.call(RECORD_CALLS.keepVisit, ({ params, body }, visit) => keepVisit(visit, params.id, body));
  routes.call(RECORD_CALLS.keepLink, ({ params, body }, visit) => keepLink(visit, params.id, body));
  // Where the page's script does not run; with it the form is sent as JSON.
  routes.post('/sites/:id/visits', 'note', async (c, visit) => byForm(c, visit, visitStep, keepVisit, 'visits'));
  routes.post('/sites/:id/links', 'note', async (c, visit) => byForm(c, visit, linkStep, keepLink, 'links'));
}

async function keepVisit(visit: Visit, site: string, asked: z.output<typeof visitStep>): Promise<Done> {
  // Somewhere it is tomorrow already.
  if (asked.do !== 'remove' && asked.day > dayAfter(dayAt('UTC', visit.frame().now)))
    return refuse(400, 'bad-body', 'a visit that was, not one that will be: say when the next one is due', 'day');
  return noteDown(visit, site, asked, ({ day, who, why, done, nextDue }) => ({ day, who, why, done, nextDue }), visit.dossier.homeVisit);
}

function keepLink(visit: Visit, site: string, asked: z.output<typeof linkStep>): Promise<Done> {
  return noteDown(visit, site, asked, ({ title, address }) => ({ title, address }), visit.dossier.link);
}
