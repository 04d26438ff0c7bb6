/** Who was in a home for what, and where more stands about it: written down, changed, removed, shown where it helps, and to a client only what is for him. */
import { beforeEach, expect, it } from 'vitest';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';

type Sent = { readonly no?: number; readonly error?: string; readonly message?: string; readonly field?: string };

describeOnEachEngine('the visits to a home', (open) => {
  let desk: GuardedDesk;
  const signedIn = new Map<string, Record<string, string>>();

  beforeEach(async () => {
    signedIn.clear();
    desk = new GuardedDesk(await open());
    await desk.start();
  });

  async function headersOf(who: string): Promise<Record<string, string>> {
    const headers = signedIn.get(who) ?? (await desk.headersOf(who));
    signedIn.set(who, headers);
    return headers;
  }
  const read = async (who: string, path: string): Promise<[number, string]> => {
    const response = await desk.ask('get', path, await headersOf(who));
    return [response.status, (await response.text()).replace(/\s+/g, ' ')];
  };
  const kept = async <T>(kind: 'visits' | 'links'): Promise<T[]> => {
    const [, text] = await read('dealer', `/api/v1/sites/${desk.own.id}/${kind}`);
    return (JSON.parse(text) as Record<string, T[]>)[kind] as T[];
  };
  const send = async (who: string, kind: 'visits' | 'links', body: object): Promise<[number, Sent]> => {
    const response = await desk.ask('post', `/api/v1/sites/${desk.own.id}/${kind}`, await headersOf(who), body);
    return [response.status, (await response.json()) as Sent];
  };

  it('are written down by who was there, changed by who works there, read by the client, and gone when removed', async () => {
    const { own, world } = desk;
    const before = await kept('visits');
    const visit = { day: '2025-12-13', who: 'Tom', why: 'The NAS was loud', done: 'Swapped its fan', nextDue: '2026-12-01' };
    const [, { no }] = await send('technician', 'visits', { do: 'add', ...visit });
    await send('technician', 'visits', {
      do: 'add',
      day: '2025-03-01',
      who: 'An electrician',
      why: 'Power',
      done: '',
      nextDue: '2026-03-01',
    });
    expect(await kept('visits')).toMatchObject([
      { no, version: 1, by: 'technician Quist', ...visit },
      { who: 'An electrician' },
      ...(before as object[]),
    ]);
    expect((await send('technician', 'visits', { do: 'remove', no, version: 1 }))[0]).toBe(403);
    expect(await send('dealer', 'visits', { do: 'change', no, version: 1, ...visit, done: 'Swapped both fans' })).toEqual([200, { no }]);
    expect(await send('dealer', 'visits', { do: 'change', no, version: 1, ...visit })).toEqual([
      409,
      expect.objectContaining({ error: 'changed' }),
    ]);
    const wrong = async (over: object) =>
      (await send('dealer', 'visits', { do: 'add', ...visit, ...over })).map((part) => (part as Sent).field ?? part);
    expect(await wrong({ day: '2026-02-30' })).toEqual([400, 'day']);
    expect(await wrong({ day: '2026-02-24', nextDue: '' })).toEqual([400, 'day']);
    expect(await wrong({ nextDue: '2025-12-13' })).toEqual([400, 'nextDue']);
    expect(await wrong({ done: 'the alarm code is 4711' })).toEqual([400, 'done']);

    const [, ticket] = await read('technician', `/tickets/${own.ticket}`);
    expect(ticket).toMatch(
      /Last visit<\/a> 21 days ago: <bdi>The NAS was loud<\/bdi>; <bdi>Swapped both fans<\/bdi>.*is due 1 December 2026, in 10 months/,
    );
    const [, theirs] = await read('homeowner', `/sites/${own.id}`);
    expect(theirs).toContain('Swapped both fans');
    expect(theirs).not.toMatch(/To know about this home|Write down a visit|Where more stands|technician Quist/);
    const foreign = `/api/v1/sites/${desk.foreign.id}/visits`;
    expect([
      (await read('homeowner', foreign))[0],
      (await desk.ask('post', foreign, await headersOf('dealer'), { do: 'add', ...visit })).status,
    ]).toEqual([404, 404]);

    expect(await send('dealer', 'visits', { do: 'remove', no, version: 2 })).toEqual([200, { no }]);
    const rows = await world.database
      .selectFrom('home_visit')
      .select('no')
      .where('site_id', '=', own.id)
      .where('no', '=', no as number)
      .execute();
    expect(rows).toEqual([]);
    const deeds = (await world.desk.reader.audit({ site: own.id, limit: 99 })).deeds.filter(({ what }) => what.startsWith('visit.'));
    expect(deeds.map(({ what, detail }) => [what, detail])).toEqual([
      ['visit.added', JSON.stringify({ visit: no })],
      ['visit.added', expect.any(String)],
      ['visit.changed', JSON.stringify({ visit: no, fields: ['done'] })],
      ['visit.removed', JSON.stringify({ visit: no })],
    ]);

    // Links: https and nothing secret in them, shown whole, for who works there.
    const link = { do: 'add', title: 'Drawing of the rack', address: 'https://files.example/rack.pdf?v=2' };
    for (const address of ['http://files.example/', 'javascript:alert(1)', 'https://me:pw@files.example/', 'https://nas/', 'rack.pdf'])
      expect([address, (await send('dealer', 'links', { ...link, address })).map((part) => (part as Sent).field ?? part)]).toEqual([
        address,
        [400, 'address'],
      ]);
    const [, { no: linkNo }] = await send('technician', 'links', link);
    const [, page] = await read('dealer', `/sites/${own.id}`);
    expect(page).toContain(
      '<a href="https://files.example/rack.pdf?v=2" rel="noreferrer noopener external"><bdi>https://files.example/rack.pdf?v=2</bdi></a>',
    );
    expect([
      (await read('homeowner', `/api/v1/sites/${own.id}/links`))[0],
      (await read('homeowner', `/sites/${own.id}`))[1].includes('files.example'),
    ]).toEqual([403, false]);
    // Without the page's script.
    const form = { do: 'change', no: String(linkNo), version: '1', title: 'The rack', address: 'https://files.example/new.pdf' };
    const sent = await desk.ask('post', `/sites/${own.id}/links`, await headersOf('dealer'), form);
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/sites/${own.id}#links`]);
    expect(await kept('links')).toMatchObject([{ title: 'Ownnote' }, { title: 'The rack', version: 2, changed: { by: 'dealer Quist' } }]);
  });
});
