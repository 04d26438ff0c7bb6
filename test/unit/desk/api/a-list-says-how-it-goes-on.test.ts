import { expect, it } from 'vitest';
import { linkToNext } from '../../../../src/desk/api/paging.ts';

const DESK = 'https://desk.example';
const pages = { paging: { by: 'page', of: 'sites' } } as const;
const places = { paging: { by: 'after', of: 'events' } } as const;

it('the rest of a list is asked for as its first part was, and by nothing that was not asked', () => {
  const url = `${DESK}/api/v1/fleet?state=burning&dealer=Holm+%26+Sons&page=2`;
  expect(linkToNext(pages, url, {}, { sites: [{}], next: 3 })).toBe(
    '</api/v1/fleet?state=burning&dealer=Holm+%26+Sons&page=3>; rel="next"',
  );
  expect(linkToNext(pages, url, {}, { sites: [{}] })).toBeUndefined();
  expect(linkToNext({}, url, {}, { sites: [{}], next: 3 })).toBeUndefined();
});

it('a part that is not full is the end, also where one may ask again for what comes later', () => {
  const url = `${DESK}/api/v1/events?limit=2`;
  expect(linkToNext(places, url, { limit: 2 }, { events: [1, 2], next: 2 })).toBe('</api/v1/events?limit=2&after=2>; rel="next"');
  expect(linkToNext(places, url, { limit: 2 }, { events: [1], next: 1 })).toBeUndefined();
});

it('what somebody asks, or a hub says, ends no address and adds no link', () => {
  const url = `${DESK}/api/v1/alerts?code=x%3E%3B%20rel%3D%22prev%22%2C%20%3Chttps%3A%2F%2Fevil.example`;
  const link = linkToNext(
    { paging: { by: 'after', of: 'alerts' } },
    url,
    {},
    { alerts: [1], next: 'site/1/key>; rel="x"\r\nset-cookie: a=b' },
  );
  expect(link).toMatch(/^<[^<>"\s,]+>; rel="next"$/);
});
