/** A visit is of a day by the clock of its home, whatever day it is for who looks. */
import { expect, it } from 'vitest';
import type { HomeDossier } from '../../../src/web/dossier-section.ts';
import { lastVisit } from '../../../src/web/visits-section.ts';

const FIVE_IN_THE_AFTERNOON_THERE = Date.UTC(2026, 10, 24, 1);

it.each([
  ['America/Los_Angeles', 'today', 'is due'],
  ['Europe/Berlin', '1 day ago', 'was due'],
])('in %s a visit of the 23rd was %s', async (timeZone, ago, due) => {
  const visit = { no: 1, version: 1, by: 'Ben', at: 0, day: '2026-11-23', who: 'Tom', why: 'Fans', nextDue: '2026-11-23' };
  const dossier = { contacts: { timeZone, isZoneKnown: true, contacts: [] }, notes: [], visits: [visit], links: [], pictures: [] };
  const text = String(await lastVisit('home', dossier as HomeDossier, FIVE_IN_THE_AFTERNOON_THERE)).replace(/<[^>]*>/g, '');
  expect(text).toContain(`Last visit ${ago}: Fans`);
  expect(text).toMatch(new RegExp(`The next visit ${due} .*, ${ago}`));
});
