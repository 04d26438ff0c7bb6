/** Pictures of a home, over HTTP: shown, put there, given another caption and removed, from the page's forms or as JSON. */
import { z } from 'zod';
import { missingPage } from '../../web/missing-page.ts';
import { cleanJpeg, MOST_BYTES } from '../dossier/jpeg.ts';
import { call, refuse } from './call.ts';
import { byForm, cleaned, type Done, kept, MISSING, noteDown, place, remove, which, withoutCode } from './dossier.ts';
import type { Routes } from './routes.ts';
import { jpegText, pictureShape } from './shapes/dossier.ts';
import { by, number } from './taken.ts';
import type { Visit } from './visit.ts';

/** As text it is a third longer; beside it a caption. */
const MOST_SENT = Math.ceil((MOST_BYTES * 4) / 3) + 16 * 1024;
const NO_JPEG = `a whole JPEG of at most ${MOST_BYTES / 1_000_000} MB and 10,000 pixels a side`;

const caption = cleaned(160, withoutCode(z.string('say what it shows')));
const pictureStep = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('add'),
    by,
    caption,
    jpeg: jpegText.describe(`A JPEG of at most ${MOST_BYTES} bytes. Only the picture in it is kept.`),
  }),
  z.object({ do: z.literal('change'), by, ...which, caption }),
  remove,
]);

export const PICTURE_CALLS = {
  list: call('listPictures', 'get /api/v1/sites/:id/pictures', {
    rule: 'contacts',
    summary: 'Pictures of a home, the newest first, without what they show',
    params: place,
    answer: z.object({ pictures: z.array(pictureShape) }),
    refusals: [404],
  }),
  one: call('picture', 'get /api/v1/sites/:id/pictures/:no', {
    rule: 'contacts',
    summary: 'What a picture of a home shows',
    params: z.object({ ...place.shape, no: number.describe('Of the picture.') }),
    answer: z.object({ jpeg: jpegText }),
    refusals: [404],
  }),
  keep: call('keepPicture', 'post /api/v1/sites/:id/pictures', {
    rule: 'note',
    summary: 'Adds a picture of a home, changes its caption or removes it',
    about: 'Who may only note adds one and changes none.',
    params: place,
    body: pictureStep,
    answer: kept,
    refusals: [400, 404, 409],
    mostBytes: MOST_SENT,
  }),
};

export function addPictures(routes: Routes): void {
  routes.call(PICTURE_CALLS.list, async ({ params }, { reader }) => {
    const site = await reader.site(params.id);
    return site ? { pictures: await reader.pictures(site.id) } : MISSING;
  });
  routes.call(PICTURE_CALLS.one, async ({ params }, visit) => {
    const shown = await find(visit, params.id, params.no);
    return shown ? { jpeg: Buffer.from(shown).toString('base64') } : MISSING;
  });
  routes.call(PICTURE_CALLS.keep, ({ params, body }, visit) => keepPicture(visit, params.id, body));
  routes.get('/sites/:id/pictures/:no', 'contacts', async (c, visit) => {
    const { id = '', no } = c.req.param();
    const named = number.safeParse(no);
    const shown = named.success ? await find(visit, id, named.data) : undefined;
    if (shown === undefined) return c.html(missingPage(visit.frame()), 404);
    return c.body(Uint8Array.from(shown), 200, {
      'content-type': 'image/jpeg',
      'content-disposition': `inline; filename="picture-${named.data}.jpg"`,
      'x-content-type-options': 'nosniff',
    });
  });
  // Where the page's script does not run the browser sends the file itself.
  routes.post('/sites/:id/pictures', 'note', async (c, visit) => byForm(c, visit, pictureStep, keepPicture, 'pictures'), MOST_SENT);
}

async function find({ reader }: Visit, id: string, no: number): Promise<Uint8Array | undefined> {
  const site = await reader.site(id);
  return site && reader.picture(site.id, no);
}

async function keepPicture(visit: Visit, site: string, asked: z.output<typeof pictureStep>): Promise<Done> {
  const jpeg = asked.do === 'add' ? cleanJpeg(Buffer.from(asked.jpeg, 'base64')) : undefined;
  if (asked.do === 'add' && jpeg === undefined) return refuse(400, 'bad-body', NO_JPEG, 'jpeg');
  return noteDown(visit, site, asked, ({ caption }) => ({ caption, ...(jpeg === undefined ? {} : { jpeg }) }), visit.dossier.picture);
}
