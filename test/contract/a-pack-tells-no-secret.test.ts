/** The pack of a ticket for a vendor: everything that helps, as described, and no word of what is nobody else's business, whichever field it was put into. */
import { beforeEach, expect, it } from 'vitest';
import { newRandomId } from '../../src/base/ids.ts';
import type { OpenApi } from '../../src/desk/api/openapi.ts';
import type { Pack } from '../../src/desk/pack/pack.ts';
import { insertContact, insertNote } from '../../src/desk/store/dossier.ts';
import { DescribedApi } from '../fakes/described-api.ts';
import { describeOnEachEngine } from '../fakes/desk-engines.ts';
import { GuardedDesk } from '../fakes/guarded-desk.ts';
import { device, deviceDown, deviceState, verdict } from '../fakes/hub.ts';

/** What nobody else is to read; each is planted once and again in other fields. */
const NAMES = ['Quillfeather', 'Zebulon', 'Ottoline', 'Hepzibah'];
const WAYS = ['+46 70 123 45 99', 'ottoline@quill.example', '5550142'];
const SECRETS = ['hunter2', 'public77', 'opensesame', 'eyJhbGciOiJ.eyJzdWIiOi.c2ln', 'trombone9'];
const INNER = ['Innerword', 'Contactword', 'Notesword', 'Answerword', 'Moneyword', 'Waitword', 'Overrideword'];
const PERSONAL = ['Zebphone', 'PHONESERIAL'];
const ADDRESSES = ['192.168.44.7', '00:11:32:4a:5b:6c', '0011324a5b6c', '192.168.44.1', 'fe80::44'];

/** A sentence with one of each. */
const everything = (start: string): string =>
  `${start} Zebulon Quillfeather, ${WAYS.join(' or ')}. His password is hunter2. It answers at ${ADDRESSES.join(', ')}. Community public77. See http://root:opensesame@box.example/a?b=${SECRETS[3]}. ${PERSONAL[0]} too.`;

describeOnEachEngine('the pack of a ticket', (open) => {
  let desk: GuardedDesk;
  let api: DescribedApi;
  let signedIn: Map<string, Record<string, string>>;

  beforeEach(async () => {
    signedIn = new Map();
    desk = new GuardedDesk(await open());
    await desk.start();
    api = new DescribedApi((await (await desk.ask('get', '/api/v1/openapi.json', await headersOf('lead'))).json()) as OpenApi);
    await fill();
  });

  const pathOf = (home = desk.own, query = ''): string => `/tickets/${home.ticket}/pack${query}`;
  const headersOf = async (who: string): Promise<Record<string, string>> => {
    const headers = signedIn.get(who) ?? (await desk.headersOf(who));
    signedIn.set(who, headers);
    return headers;
  };
  const asked = async (who: string, path = pathOf()): Promise<{ status: number; text: string }> => {
    const response = await desk.ask('get', path, await headersOf(who));
    return { status: response.status, text: await response.text() };
  };
  /** The pack itself, held to its description: a field that is not in it is a mistake. */
  async function packFor(who: string, query = ''): Promise<{ pack: Pack; text: string }> {
    const { status, text } = await asked(who, `/api/v1${pathOf(desk.own, query)}`);
    const body = JSON.parse(text) as Pack;
    expect(await api.troubles('get', '/api/v1/tickets/:number/pack', { status, type: 'application/json', body })).toEqual([]);
    return { pack: body, text };
  }

  async function fill(): Promise<void> {
    const { world, own } = desk;
    const [now, wrote] = [world.clock.now().wallMs, { by: 'Hepzibah', at: 1 }];
    await world.database.updateTable('site').set({ name: 'Quillfeather residence' }).where('id', '=', own.id).execute();
    const ways = [
      { by: 'mobile', to: WAYS[0] as string },
      { by: 'email', to: WAYS[1] as string },
      { by: 'other', to: WAYS[2] as string },
    ] as const;
    const person = { role: 'owner', hasKey: true, first: true, language: 'Contactword', hours: '08:00-17:00' } as const;
    await insertContact(world.database, own.id, { ...person, name: 'Zebulon Quillfeather', ways, about: 'Contactword' }, wrote);
    await insertContact(world.database, own.id, { ...person, name: 'Ottoline', ways: [{ by: 'other', to: 'Contactword' }] }, wrote);
    await insertNote(world.database, own.id, { text: 'Notesword', pinned: true }, wrote);
    const evidence = {
      attempts: [{ at: now, method: 'tcp', outcome: 'silent' as const, detail: `${ADDRESSES[0]}:80 password hunter2`, rttMs: 3 }],
      lastAnswerAt: { arp: now - 9_000 },
      hub: { link: true, gateway: 'up' as const, othersAnswering: 4, eventLoopLagMs: 0.5 },
    };
    const [phone, carrier] = [newRandomId(world.random), newRandomId(world.random)];
    const because = [
      { fact: 'vendor', source: 'mdns', confidence: 0.95, or: 'password hunter2' },
      { fact: 'model', source: 'https 443', confidence: 0.9 },
    ];
    const box = {
      ...{ name: "Zebulon's NAS", vendor: 'Synology', model: 'DS920+', modelNumber: 'DS920', kind: 'nas', room: 'Ottoline' },
      ...{ firmware: '7.2.1-69057 token=trombone9', serial: '2040SBRN81KX', ips: [ADDRESSES[0] as string, ADDRESSES[4] as string] },
      ...{
        macs: [ADDRESSES[1] as string],
        because,
        talks: ['_smb._tcp'],
        hint: 'password hunter2',
        behind: { device: carrier, by: 'lldp' as const },
      },
    };
    const why = everything('Ends soon.');
    const judged = verdict({
      ...{ why, toDo: why, grade: 'announced date', stops: why.slice(0, 300), stays: why.slice(0, 299), plannedFor: '2027' },
      source: { title: 'Support status', url: 'https://me:opensesame@maker.example/eol?key=trombone9', readOn: '2026-11-01' },
    });
    const down = deviceDown(own.device, now + 1, {
      ...{ severity: 'error', actionableAt: now, key: `${own.device}/again`, evidence },
      ...{ title: "Zebulon's NAS does not answer", text: everything('No answer.') },
    });
    const silences = [
      { n: 1, by: 'Hepzibah', because: everything('Works.').slice(0, 159), device: own.device, setAt: now, endsAt: now + 60_000 },
    ];
    await world.send(
      own.hub,
      own.hub.entry('site.state', { gateway: 'up', internet: 'down', hubLink: true, personalDevices: 1, silences }),
      own.hub.entry(
        'device.added',
        device(carrier, {
          name: 'Switch',
          vendor: 'Zyxel',
          model: 'GS1900',
          kind: 'switch',
          ips: [ADDRESSES[3] as string],
          macs: ['00:11:33:00:00:01'],
        }),
      ),
      own.hub.entry(
        'device.added',
        device(phone, { name: 'Zebphone', kind: 'phone', serial: 'PHONESERIAL', ips: [], macs: ['5e:00:00:00:00:01'] }),
      ),
      own.hub.entry('device.changed', device(own.device, box)),
      own.hub.entry('device.state', deviceState(own.device, 'down', now, { evidence, reason: everything('It is down.').slice(0, 500) })),
      own.hub.entry('device.lifecycle', { device: own.device, verdict: judged }),
      own.hub.entry('alert.raised', down),
    );
    world.clock.stepWall(60_000);
    const cleared = { clearedAt: now + 2, clearedBecause: everything('It answers.').slice(0, 500) };
    await world.send(own.hub, own.hub.entry('alert.cleared', { ...down, ...cleared }));
    const seen = { site: own.id, key: own.alert.key, raisedHubAt: own.alert.raisedHubAt };
    await desk.ask('post', '/api/v1/alerts/acknowledge', await headersOf('dealer'), {
      ...seen,
      note: `Innerword ${everything('Mine.').slice(0, 200)}`,
    });
    for (const body of [
      { do: 'note', text: `Swapped the cable. ${everything('Asked')}` },
      { do: 'note', text: 'Innerword', inner: 'true' },
      { do: 'answer', channel: 'phone', text: `Answerword ${everything('Told')}` },
      { do: 'time', minutes: 10, billable: true, text: 'Looked at its disks.', consentFrom: 'Hepzibah Moneyword', rate: 'Moneyword' },
      { do: 'tier', to: 'advanced', override: 'Overrideword' },
      { do: 'wait', for: 'Waitword' },
      { do: 'resolve', outcome: 'workaround', text: 'Plugged into another port, says Hepzibah.' },
      { do: 'reopen', text: 'Hepzibah says it is back.' },
    ]) {
      const version = (await world.desk.reader.ticket(own.ticket))?.version;
      const taken = await desk.ask('post', `/api/v1/tickets/${own.ticket}/steps`, await headersOf('dealer'), { version, ...body });
      expect([body.do, taken.status]).toEqual([body.do, 200]);
    }
  }

  const leaked = (text: string, words: readonly string[]): string[] =>
    words.filter((word) => text.toLowerCase().includes(word.toLowerCase()));
  const NEVER = [...NAMES, ...WAYS, ...SECRETS, ...INNER, ...PERSONAL, 'Quist'];

  it("has what helps, as it is described, and none of what was planted anywhere, nor anything of what is somebody's own", async () => {
    const { pack, text } = await packFor('dealer');
    expect(leaked(text, [...NEVER, ...ADDRESSES])).toEqual([]);
    expect(pack).toMatchObject({
      format: 'hearthbeat-pack-1',
      versions: { hub: '0.1.0' },
      home: { id: desk.own.id, hub: 'online', internet: 'down' },
      ticket: { number: desk.own.ticket, title: 'Owntrouble', tier: 'advanced', reopened: 1 },
      personalDevices: 0,
      hasAddresses: false,
    });
    expect(pack.alerts.map(({ title, over }) => [title, over !== undefined])).toEqual(
      expect.arrayContaining([
        ['Owntrouble', false],
        ["[left out]'s NAS does not answer", true],
      ]),
    );
    const [box] = pack.devices;
    expect(box).toMatchObject({
      ...{ name: "[left out]'s NAS", vendor: 'Synology', model: 'DS920+', modelNumber: 'DS920', kind: 'nas', serial: '2040SBRN81KX' },
      firmware: '7.2.1-69057 token [left out]',
      because: [{ fact: 'vendor', source: 'mdns' }, { fact: 'model' }],
      lifecycle: { state: 'overdue', source: { title: 'Support status', url: 'https://maker.example/eol' } },
      hangsOn: [{ name: 'Switch', model: 'GS1900' }],
      evidence: { attempts: [{ method: 'tcp', outcome: 'silent' }] },
    });
    expect(box?.course?.totals.outages).toBe(1);
    expect(box?.course?.days).toHaveLength(7);
    expect(pack.tried.map(({ by, did }) => [by, did])).toEqual([
      ['dealer', 'noted'],
      ['dealer', 'worked on it'],
      ['dealer', 'resolved it: works around it'],
    ]);
    expect(pack.tried[0]?.said).toContain('Swapped the cable.');
    expect(pack.tried[2]?.said).toBe('Plugged into another port, says [left out].');
    expect(pack.timeline.map(({ by, did }) => [by, did])).toEqual([
      ['desk', 'opened it'],
      ['desk', 'added an alert'],
      ['dealer', 'answered the client (phone)'],
      ['dealer', 'moved it to advanced support (the dealer, billed)'],
      ['dealer', 'opened it again'],
    ]);
    const page = (await asked('dealer')).text;
    const main = page.slice(page.indexOf('<main'), page.indexOf('</main>'));
    expect(leaked(main, [...NEVER, ...ADDRESSES])).toEqual([]);
    expect(main).toMatch(/DS920\+.*2040SBRN81KX.*What was tried.*Swapped the cable\..*answered the client/s);
    expect((await asked('dealer', `/tickets/${desk.own.ticket}`)).text).toContain(`href="${pathOf()}"`);

    // Addresses for who may work on it and asks for them, and nothing else then.
    const { pack: open, text: opened } = await packFor('dealer', '?addresses=true');
    expect(leaked(opened, NEVER)).toEqual([]);
    expect(open.devices[0]?.addresses).toEqual({ ips: [ADDRESSES[0], ADDRESSES[4]], macs: [ADDRESSES[1]] });
    expect(opened).toContain(`${ADDRESSES[0]}:80`);
    for (const path of [pathOf(desk.own, '?addresses'), `/api/v1${pathOf(desk.own, '?addresses=true')}`])
      expect([path, (await asked('technician', path)).status, (await asked('agent', path)).status]).toEqual([path, 403, 200]);
    expect(leaked((await packFor('technician')).text, [...NEVER, ...ADDRESSES])).toEqual([]);

    // Nothing of somebody's own device, also where the ticket is about that.
    const { world, own } = desk;
    await world.send(
      own.hub,
      own.hub.entry('device.changed', device(own.device, { name: 'Zebphone', kind: 'phone', macs: ['5e:00:00:00:00:01'] })),
    );
    const { pack: theirs, text: told } = await packFor('lead');
    expect([theirs.devices, theirs.personalDevices]).toEqual([[], 1]);
    expect(leaked(told, ['Zebphone', '5e:00'])).toEqual([]);
  });
});
