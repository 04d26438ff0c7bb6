/** Pictures of a home: put there by who was there, shown to who may see its people, without where they were taken, and gone when removed. */
import { beforeEach, expect, it } from 'vitest';
import { WRITE_PICTURE } from '../../src/desk/store/record.ts';
import { EXIF, jpeg, segment } from '../builders/jpeg.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';

type Sent = { readonly no?: number; readonly error?: string; readonly field?: string };

describeOnEachEngine('the pictures of a home', (open) => {
  let desk: GuardedDesk;
  const signedIn = new Map<string, Record<string, string>>();

  beforeEach(async () => {
    signedIn.clear();
    desk = new GuardedDesk(await open());
    await desk.start();
  });

  async function ask(who: string, path: string, body?: object): Promise<Response> {
    const headers = signedIn.get(who) ?? (await desk.headersOf(who));
    signedIn.set(who, headers);
    return desk.ask(body === undefined ? 'get' : 'post', path, headers, body);
  }
  const pathOf = (rest = '', home = desk.own): string => `/api/v1/sites/${home.id}/pictures${rest}`;
  const send = async (who: string, body: object): Promise<[number, Sent]> => {
    const response = await ask(who, pathOf(), body);
    return [response.status, (await response.json()) as Sent];
  };
  const kept = async (): Promise<object[]> => ((await (await ask('dealer', pathOf())).json()) as { pictures: object[] }).pictures;

  it('are kept without what is not the picture, shown as what they are, changed by their caption, and truly removed', async () => {
    const { own, foreign, world } = desk;
    const [planted] = (await kept()) as { no: number; version: number }[];
    const taken = jpeg([EXIF, segment(0xfe, 'a remark')]);
    const add = { do: 'add', caption: 'The rack', jpeg: taken.toString('base64') };
    const [, { no }] = await send('technician', add);
    expect(await kept()).toMatchObject([{ no, version: 1, caption: 'The rack', bytes: jpeg().length, by: 'technician Quist' }, planted]);
    expect(await (await ask('agent', pathOf(`/${no}`))).json()).toEqual({ jpeg: jpeg().toString('base64') });

    const shown = await ask('homeowner', `/sites/${own.id}/pictures/${no}`);
    expect(
      Object.fromEntries(
        ['content-type', 'x-content-type-options', 'content-disposition', 'content-security-policy', 'cache-control'].map((name) => [
          name,
          shown.headers.get(name),
        ]),
      ),
    ).toEqual({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-disposition': `inline; filename="picture-${no}.jpg"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'no-store',
    });
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(jpeg());
    const page = async (who: string): Promise<string> => (await (await ask(who, `/sites/${own.id}`)).text()).replace(/\s+/g, ' ');
    expect(await page('homeowner')).toContain(`<img src="/sites/${own.id}/pictures/${no}" alt="The rack"`);
    expect(await page('homeowner')).not.toContain('Add a picture');
    expect(await page('technician')).toMatch(/enctype="multipart\/form-data".*name="jpeg" type="file"/);

    // Nobody reaches one by another home, nor that of another.
    const theirs = (await world.desk.reader.pictures(foreign.id))[0]?.no as number;
    for (const path of [
      pathOf(`/${theirs}`),
      `/sites/${own.id}/pictures/${theirs}`,
      pathOf(`/${theirs}`, foreign),
      `/sites/${foreign.id}/pictures/${theirs}`,
    ])
      expect([path, (await ask('dealer', path)).status]).toEqual([path, 404]);
    expect(await send('dealer', { do: 'remove', no: theirs, version: 1 })).toEqual([409, expect.objectContaining({ error: 'changed' })]);

    for (const wrong of [Buffer.from('<script>'), taken.subarray(0, -2), jpeg([], Buffer.alloc(1_500_000))])
      expect(await send('dealer', { ...add, jpeg: wrong.toString('base64') })).toEqual([400, expect.objectContaining({ field: 'jpeg' })]);
    expect(await send('dealer', { ...add, caption: 'alarm code 4711' })).toEqual([400, expect.objectContaining({ field: 'caption' })]);
    expect((await ask('dealer', pathOf(), { ...add, jpeg: 'A'.repeat(2_100_000) })).status).toBe(413);
    expect((await send('homeowner', add))[0]).toBe(403);

    expect((await send('technician', { do: 'remove', no, version: 1 }))[0]).toBe(403);
    expect(await send('dealer', { do: 'change', no, version: 1, caption: 'The rack, left' })).toEqual([200, { no }]);
    expect(await send('dealer', { do: 'remove', no, version: 1 })).toEqual([409, expect.objectContaining({ error: 'changed' })]);
    expect(await send('dealer', { do: 'remove', no, version: 2 })).toEqual([200, { no }]);
    const rows = await world.database.selectFrom('home_picture').select('no').where('site_id', '=', own.id).execute();
    expect([rows.map((row) => row.no), (await ask('dealer', `/sites/${own.id}/pictures/${no}`)).status]).toEqual([[planted?.no], 404]);
    const deeds = (await world.desk.reader.audit({ site: own.id, limit: 99 })).deeds.filter(({ what }) => what.startsWith('picture.'));
    expect(deeds.map(({ what, detail }) => [what, JSON.parse(detail)])).toEqual([
      ['picture.added', { picture: no }],
      ['picture.changed', { picture: no, fields: ['caption'] }],
      ['picture.removed', { picture: no }],
    ]);

    // Without the page's script the browser sends the file itself.
    const form = new FormData();
    for (const [name, value] of Object.entries({ do: 'add', caption: 'The label' })) form.set(name, value);
    form.set('jpeg', new File([Uint8Array.from(taken)], 'IMG_0001.JPG', { type: 'image/jpeg' }));
    const headers = { ...signedIn.get('dealer'), host: '127.0.0.1:7380' };
    const url = `http://127.0.0.1:7380/sites/${own.id}/pictures`;
    const sent = await desk.world.desk.app.fetch(new Request(url, { method: 'POST', headers, body: form }));
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/sites/${own.id}#pictures`]);
    expect(await kept()).toMatchObject([{ caption: 'The label', bytes: jpeg().length }, planted]);

    const by = { by: 'x', at: 1 };
    for (let i = 2; i < 24; i++) await WRITE_PICTURE.insert(world.database, own.id, { caption: 'One more', jpeg: jpeg() }, by);
    expect(await send('dealer', add)).toEqual([409, expect.objectContaining({ error: 'refused' })]);
  });
});
