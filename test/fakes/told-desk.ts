/** A desk that tells people of tickets, by a file of notices and over real sockets; time is in the test's hand. */
import { newRandomId } from '../../src/base/ids.ts';
import { readNotices } from '../../src/config/notices.ts';
import { readServicePolicy } from '../../src/config/service.ts';
import type { Access } from '../../src/desk/access/access.ts';
import type { NoticePolicy } from '../../src/desk/notices/policy.ts';
import type { PushPost } from '../../src/desk/push/message.ts';
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';
import { mailNotice } from '../../src/platform/notice-mail.ts';
import { postNotice } from '../../src/platform/notice-post.ts';
import type { AlertMessage } from '../../src/protocol/messages.ts';
import { seededRandom } from '../../src/simulation/seeded-random.ts';
import type { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { DeskWorld } from './desk-world.ts';
import { deviceDown, type FakeHub } from './hub.ts';

export const [NAS, CAMERA, LAMP] = ['nas', 'camera', 'lamp'].map((name) => newRandomId(seededRandom(name))) as [string, string, string];
export const SIGNING_KEY = `whsec_${Buffer.from('the key of a test, of 32 bytes..').toString('base64')}`;

/** `secrets` by receiver; a webhook has SIGNING_KEY. */
export function noticePolicy(
  yaml: string,
  secrets: Record<string, string> = {},
  mail: { password?: string; ca?: string } = {},
): NoticePolicy {
  const read = readNotices(yaml);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const keys = Object.entries(read.value.given.receivers).map(([name, { kind }]): [string, string] => [
    name,
    kind === 'webhook' ? SIGNING_KEY : '',
  ]);
  const given = Object.entries(secrets);
  return read.value.policyWith(new Map([...keys.filter(([, secret]) => secret !== ''), ...given]), mail);
}

export class ToldDesk {
  readonly world: DeskWorld;
  hub!: FakeHub;

  private constructor(world: DeskWorld) {
    this.world = world;
  }

  /** `service`: the plans of a service policy, as YAML with `SITE` for the id of the home. `people`: who has accounts, and how their browsers are told. */
  static async start(
    database: DeskDatabase,
    policy: NoticePolicy,
    service?: string,
    clock?: VirtualClock,
    people?: { readonly access: Access; readonly pushPost: PushPost },
  ): Promise<ToldDesk> {
    const world = new DeskWorld(database);
    if (clock) world.clock = clock;
    const told = new ToldDesk(world);
    if (service !== undefined) {
      const read = readServicePolicy(service.replaceAll('SITE', world.site));
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      world.service = read.value;
    }
    world.notices = {
      policy,
      senders: { post: postNotice, mail: mailNotice },
      random: world.random,
      ...(people && { pushPost: people.pushPost }),
    };
    world.access = people?.access;
    await world.start();
    told.hub = world.hub();
    await world.send(told.hub, told.hub.birth(), told.hub.heartbeat());
    // The receivers are known from its first look on.
    await told.wait(6_000);
    return told;
  }

  get now(): number {
    return this.world.clock.now().wallMs;
  }

  /** Time passes in steps of at most 5 s, and what is due is sent. */
  async wait(ms: number): Promise<void> {
    const stepMs = ms > 600_000 ? 60_000 : 5_000;
    for (let left = ms; left > 0; left -= stepMs) {
      await this.world.clock.advance(Math.min(left, stepMs));
      if (left % 60_000 < stepMs) await this.world.send(this.hub, this.hub.heartbeat());
      await this.world.desk.drain();
    }
  }

  async fire(device = NAS, over: Partial<AlertMessage> = {}): Promise<AlertMessage> {
    const alert = deviceDown(device, this.now, { actionableAt: this.now, ...over });
    await this.world.send(this.hub, this.hub.entry('alert.raised', alert));
    return alert;
  }

  clear(alert: AlertMessage): Promise<void> {
    return this.world.send(this.hub, this.hub.entry('alert.cleared', { ...alert, clearedAt: this.now }));
  }

  /** What a person does with a ticket. */
  async act(number: number, said: object): Promise<void> {
    const ticket = await this.world.desk.reader.ticket(number);
    const request = new Request(`http://127.0.0.1:7080/api/v1/tickets/${number}/steps`, {
      method: 'POST',
      headers: { host: '127.0.0.1:7080', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ version: ticket?.version, by: 'Ben', ...said }),
    });
    const response = await this.world.desk.app.fetch(request);
    if (response.status !== 200) throw new Error(await response.text());
  }
}
