/** Whom to call about a home and what stays known of it: written down, changed, removed, shown where it is needed, and nowhere else. */
import { beforeEach, expect, it } from 'vitest';
import { readServicePolicy } from '../../src/config/service.ts';
import { insertContact } from '../../src/desk/store/dossier.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { DeskWorld } from '../fakes/desk-world.ts';

const POLICY = `version: '1'
since: '2020-01-01'
homes:
  SITE: {timeZone: America/New_York, noCalls: [{from: '21:00', to: '08:00'}]}
`;

type Sent = { readonly no?: number; readonly error?: string; readonly message?: string; readonly field?: string };

describeOnEachEngine('the dossier of a home', (open) => {
  let world: DeskWorld;
  let site: string;

  beforeEach(async () => {
    world = new DeskWorld(await open());
    site = world.site;
    const policy = readServicePolicy(POLICY.replace('SITE', site));
    if (policy.ok) world.service = policy.value;
    await world.start();
    // Six in the evening there.
    world.clock.stepWall(Date.UTC(2026, 0, 16, 23) - world.clock.now().wallMs);
  });

  const fetched = (path: string, body?: object): Promise<Response> => {
    const headers = { host: 'localhost', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    return Promise.resolve(world.desk.app.fetch(new Request(`http://localhost${path}`, init)));
  };
  const send = async (kind: 'contacts' | 'notes', body: object): Promise<[number, Sent]> => {
    const response = await fetched(`/api/v1/sites/${site}/${kind}`, { by: 'Ben', ...body });
    return [response.status, (await response.json()) as Sent];
  };
  const page = async (path: string): Promise<string> => (await (await fetched(path)).text()).replace(/\s+/g, ' ');
  const contacts = async () =>
    ((await (await fetched(`/api/v1/sites/${site}/contacts`)).json()) as { contacts: { no: number; version: number; name: string }[] })
      .contacts;
  const deeds = async () =>
    (await world.desk.reader.audit({ site, limit: 99 })).deeds.map(({ what, actor, detail }) => [
      actor,
      what,
      JSON.parse(detail) as object,
    ]);

  it('keeps people with their ways and hours, and shows first whom to call now, on home and ticket', async () => {
    await send('contacts', {
      do: 'add',
      name: 'Mrs Lindgren',
      role: 'owner',
      mobile: '+1 (555) 0100 ext 7',
      email: 'lind+home@example.com',
      prefers: 'email',
      hours: 'mon-fri 8-17',
      language: 'Swedish',
    });
    await send('contacts', { do: 'add', name: 'Mr Ek', role: 'neighbour', hasKey: 'true', phone: '555 0101' });
    await send('contacts', { do: 'add', name: 'Acme Security', role: 'vendor', phone: '555-0199', other: 'javascript:alert(1)' });
    await send('notes', { do: 'add', text: 'Dog in the garden', pinned: 'true' });
    await send('notes', { do: 'add', text: 'Rack in the cellar' });
    expect(await (await fetched(`/api/v1/sites/${site}/contacts`)).json()).toMatchObject({
      timeZone: 'America/New_York',
      contacts: [
        { name: 'Mr Ek', hasKey: true, reach: { may: true } },
        { name: 'Acme Security', reach: { may: true } },
        {
          name: 'Mrs Lindgren',
          hours: 'mon-fri 08:00-17:00',
          ways: [{ by: 'email', to: 'lind+home@example.com' }, { by: 'mobile' }],
          reach: { may: false, from: Date.UTC(2026, 0, 19, 13) },
        },
      ],
    });
    const home = await page(`/sites/${site}`);
    expect(home).toMatch(
      /Mr Ek.*may be called now.*href="tel:5550101".*Mrs Lindgren.*not before mon 2026-01-19 08:00 \(America\/New_York\)/,
    );
    expect(home).toContain('href="mailto:lind%2Bhome@example.com"');
    expect(home).toContain('href="tel:+15550100;ext=7"');
    expect(home).not.toContain('href="javascript');
    expect(home).toContain('Rack in the cellar');
    const opened = await fetched('/api/v1/tickets', { site, title: 'Netflix does not play', by: 'Ben' });
    const { ticket } = (await opened.json()) as { ticket: { number: number } };
    const short = await page(`/tickets/${ticket.number}`);
    expect(short).toMatch(/What to do.*Whom to call.*Mr Ek.*Dog in the garden.*What was done/);
    expect(short).not.toContain('Rack in the cellar');
    // At ten in the evening nobody is to call there: the company is not in the house.
    world.clock.stepWall(4 * 3_600_000);
    expect((await contacts()).map(({ name }) => name)).toEqual(['Acme Security', 'Mr Ek', 'Mrs Lindgren']);
  });

  it('changes only what nobody changed before, removes for good, and says in the audit who did and not what it said', async () => {
    const [, { no }] = await send('contacts', { do: 'add', name: 'Mrs Lindgren', role: 'owner', mobile: '+1 555 0100' });
    const change = (version: number, over: object) =>
      send('contacts', { do: 'change', no, version, name: 'Mrs Lindgren', role: 'owner', mobile: '+1 555 0100', ...over });
    expect(await change(1, { mobile: '+1 555 0177' })).toEqual([200, { no }]);
    expect(await change(1, { language: 'Swedish' })).toEqual([409, expect.objectContaining({ error: 'changed' })]);
    expect(await contacts()).toMatchObject([{ version: 2, ways: [{ to: '+1 555 0177' }], changed: { by: 'Ben' } }]);
    // Nothing changed: nothing to write down.
    expect(await change(2, { mobile: '+1 555 0177' })).toEqual([200, { no }]);
    expect(await send('contacts', { do: 'remove', no, version: 1 })).toEqual([409, expect.objectContaining({ error: 'changed' })]);
    expect(await send('contacts', { do: 'remove', no, version: 2 })).toEqual([200, { no }]);
    const [, { no: note }] = await send('notes', { do: 'add', text: 'Dog in the garden' });
    await send('notes', { do: 'change', no: note, version: 1, text: 'No dog any more', pinned: true });
    expect(await (await fetched(`/api/v1/sites/${site}/notes`)).json()).toMatchObject({
      notes: [{ text: 'No dog any more', pinned: true, version: 2 }],
    });
    await send('notes', { do: 'remove', no: note, version: 2 });
    expect(await deeds()).toEqual([
      ['Ben', 'contact.added', { contact: no }],
      ['Ben', 'contact.changed', { contact: no, fields: ['ways'] }],
      ['Ben', 'contact.removed', { contact: no }],
      ['Ben', 'note.added', { note }],
      ['Ben', 'note.changed', { note, fields: ['text', 'pinned'] }],
      ['Ben', 'note.removed', { note }],
    ]);
    const kept = await world.database.selectFrom('contact').selectAll().execute();
    expect([kept, await world.database.selectFrom('home_note').selectAll().execute(), await contacts()]).toEqual([[], [], []]);
  });

  it('takes no number that is none, no hours that cannot be read, nobody without a way, no code, and no end of them', async () => {
    const owner = { do: 'add', name: 'Mrs Lindgren', role: 'owner', mobile: '+1 555 0100' };
    const wrong = async (over: object) => {
      const [status, { field }] = await send('contacts', { ...owner, ...over });
      return [status, field];
    };
    expect(await wrong({ mobile: '' })).toEqual([400, 'mobile']);
    expect(await wrong({ phone: 'tel:123;javascript' })).toEqual([400, 'phone']);
    expect(await wrong({ phone: `${'1 '.repeat(19)}x` })).toEqual([400, 'phone']);
    expect(await wrong({ email: 'a@b?subject=x' })).toEqual([400, 'email']);
    expect(await wrong({ hours: 'in the evening' })).toEqual([400, 'hours']);
    expect(await wrong({ about: 'gate code 4711' })).toEqual([400, 'about']);
    expect(await wrong({ name: ' \u202e ' })).toEqual([400, 'name']);
    expect((await send('notes', { do: 'add', text: 'The code is 4711' }))[1].message).toContain('not kept here');
    const one = { name: 'Mr Ek', role: 'neighbour', hasKey: false, first: false, ways: [{ by: 'other', to: 'ring' }] } as const;
    for (let i = 0; i < 40; i++) await insertContact(world.database, site, one, { by: 'Ben', at: i });
    expect(await send('contacts', owner)).toEqual([409, expect.objectContaining({ error: 'refused' })]);
  });
});
