/** The browsers in which somebody has turned on notices: his own to add, to look at, to test and to remove. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { newRandomId } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { cleanText } from '../../base/text.ts';
import { noteDeed } from '../access/deeds.ts';
import { PROVE_AGAIN } from '../access/passkeys.ts';
import type { Trouble } from '../access/reach.ts';
import type { Known, SignIns } from '../access/sign-ins.ts';
import type { NoticePolicy } from '../notices/policy.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { findPerson } from '../store/people.ts';
import { dropBrowsers, listBrowsersOf, saveBrowser } from '../store/push.ts';
import { isBrowserKeys } from './encrypt.ts';
import { endpointOf, LONGEST_ENDPOINT } from './endpoint.ts';
import { isNamed } from './meant.ts';
import type { Push } from './push.ts';

export type BrowsersDeps = {
  readonly database: DeskDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIns: Pick<SignIns, 'isFresh'>;
  readonly policy: NoticePolicy;
  readonly push: Pick<Push, 'publicKey' | 'test'>;
};

/** `mark`: SHA-256 of its address in hex, by which a browser knows itself. `failingSince`: its push service has taken nothing since then. */
export type BrowserView = {
  readonly id: string;
  readonly title: string;
  readonly mark: string;
  readonly createdAt: number;
  readonly lastAt?: number;
  readonly failingSince?: number;
  readonly lastAnswer?: string;
};

/** `receivers`: those of the settings that mean this person; `onShift`: only while he is. */
export type OwnBrowsers = {
  readonly publicKey: string;
  readonly browsers: readonly BrowserView[];
  readonly receivers: readonly { readonly name: string; readonly onShift: boolean }[];
};

const MOST_OF_A_PERSON = 10;
const NONE: Trouble = { trouble: 'There is no such browser.', isMissing: true };
const NO_SERVICE: Trouble = {
  trouble:
    'The desk does not post to the push service of this browser. A desk lead can name it in the settings (pushServices in the file of notices).',
};

/** As browsers have it (PushSubscription.toJSON). */
const given = z.object({
  endpoint: z.string().max(LONGEST_ENDPOINT),
  keys: z.object({ p256dh: z.string().regex(/^[\w-]{87}=?$/), auth: z.string().regex(/^[\w-]{22}(==)?$/) }),
});

export class Browsers {
  readonly #deps: BrowsersDeps;

  constructor(deps: BrowsersDeps) {
    this.#deps = deps;
  }

  async view({ who }: Known): Promise<OwnBrowsers> {
    const { database, policy, push } = this.#deps;
    const [publicKey, rows, person] = await Promise.all([push.publicKey(), listBrowsersOf(database, who.id), findPerson(database, who.id)]);
    const holder = { id: who.id, signInName: person?.sign_in_name ?? '', fullName: who.name, role: who.role, seesAll: who.scope === 'all' };
    const routed = new Set(policy.routes.flatMap(({ receivers }) => receivers));
    const receivers = [...policy.receivers.values()].flatMap(({ name, place }) =>
      place.kind === 'web-push' && routed.has(name) && isNamed(place, holder) ? [{ name, onShift: place.onShift }] : [],
    );
    const browsers = rows.map(
      ({ id, title, endpoint, created_at, last_at, failing_since, last_answer }): BrowserView => ({
        id,
        title,
        mark: createHash('sha256').update(endpoint).digest('hex'),
        createdAt: created_at,
        ...(last_at === null ? {} : { lastAt: last_at }),
        ...(failing_since === null ? {} : { failingSince: failing_since }),
        ...(last_answer === null ? {} : { lastAnswer: last_answer }),
      }),
    );
    return { publicKey, browsers, receivers };
  }

  /** What was turned on in the same browser before, by whomever, is over. */
  async add(
    known: Known,
    { subscription, title }: { readonly subscription: unknown; readonly title: unknown },
  ): Promise<Trouble | undefined> {
    const { database, clock, random, signIns, policy } = this.#deps;
    if (!signIns.isFresh(known)) return { trouble: PROVE_AGAIN };
    const read = given.safeParse(subscription);
    if (!read.success || !isBrowserKeys(read.data.keys)) return { trouble: 'That is nothing that a browser says of itself.' };
    const endpoint = endpointOf(read.data.endpoint, policy.pushServices);
    if (endpoint === undefined) return NO_SERVICE;
    const at = clock.now().wallMs;
    const [p256dh, auth] = [read.data.keys.p256dh, read.data.keys.auth].map((key) => key.replace(/=+$/, '')) as [string, string];
    const own = {
      id: newRandomId(random),
      person_id: known.who.id,
      endpoint: endpoint.href,
      p256dh,
      auth,
      title: cleanText(title, 48) ?? 'Browser',
      created_at: at,
    };
    return database.transaction().execute(async (db) => {
      const others = (await listBrowsersOf(db, known.who.id)).filter((one) => one.endpoint !== own.endpoint);
      if (others.length >= MOST_OF_A_PERSON) return { trouble: `At most ${MOST_OF_A_PERSON} browsers. Remove one that you do not use.` };
      await saveBrowser(db, { ...own, last_at: null, failures: 0, next_at: 0, failing_since: null, last_answer: null });
      const { host } = endpoint;
      await noteDeed(db, { at, actor: known.who.name, what: 'browser.added', detail: { browser: own.title, service: host } });
      return undefined;
    });
  }

  async remove({ who }: Known, id: string): Promise<Trouble | undefined> {
    const { database, clock } = this.#deps;
    return database.transaction().execute(async (db) => {
      const one = (await listBrowsersOf(db, who.id)).find((browser) => browser.id === id);
      if (!one) return NONE;
      await dropBrowsers(db, [id]);
      await noteDeed(db, { at: clock.now().wallMs, actor: who.name, what: 'browser.removed', detail: { browser: one.title } });
      return undefined;
    });
  }

  /** What its push service said. */
  async test({ who }: Known, id: string): Promise<Trouble | { readonly said: string }> {
    const one = (await listBrowsersOf(this.#deps.database, who.id)).find((browser) => browser.id === id);
    if (!one) return NONE;
    const { outcome, answer } = await this.#deps.push.test(one);
    if (outcome === 'taken')
      return { said: 'On its way. It shows within seconds, where the browser runs and its system lets it show notices.' };
    if (outcome === 'gone') return { trouble: 'That browser has turned it off, so it is removed here. Turn it on there again.' };
    return { trouble: `Its push service did not take it: ${answer}` };
  }
}
