/** How a desk is set up, for who is responsible for it: what holds, where it is changed, and what is wrong with it. Nothing secret is in it. Only reads. */
import { dayAt } from '../../base/time-zone.ts';
import type { PlaybookProblem } from '../playbooks/library.ts';
import type { DeskStatus } from '../status.ts';
import { countVersions } from '../store/fleet.ts';
import type { DeskDatabase } from '../store/migrations.ts';
import { listPolicies } from '../store/policies.ts';

/** What the program that runs the desk knows and the desk itself does not. */
export type DeskAbout = {
  readonly version?: string | undefined;
  /** Of its settings; absent: the defaults hold. */
  readonly settingsFile?: string | undefined;
  readonly noticesFile?: string | undefined;
  readonly playbooksFolder?: string | undefined;
  /** Where people reach the page. */
  readonly url?: string | undefined;
  readonly hasAccounts: boolean;
  readonly hasOwnBroker: boolean;
  readonly database: () => Promise<{ readonly engine: string; readonly place: string; readonly bytes: number }>;
  /** Of the page, as it is read now; absent where it speaks no TLS. */
  readonly certificate?: (() => Certificate) | undefined;
};

/** `trouble`: why it cannot be used. */
export type Certificate = { readonly file: string; readonly endsAt?: number; readonly trouble?: string };

export type PolicyVersionView = {
  readonly version: string;
  readonly since: string;
  readonly heldFrom: number;
  readonly file?: string;
  readonly changedAt?: number;
  readonly changedBy?: string;
  /** In words, of the one before; absent where that is not known. */
  readonly changes?: readonly string[];
};

/** What is wrong, or will be, and what to do about it. `isNote`: nothing is wrong, somebody should know. */
export type SettingsTrouble = { readonly what: string; readonly toDo: string; readonly isNote?: true };

export type SettingsView = {
  readonly troubles: readonly SettingsTrouble[];
  /** The newest first; the first holds. Empty: no service policy was ever held. `holdsNow` false: the desk runs without one. */
  readonly policies: readonly PolicyVersionView[];
  readonly holdsPolicy: boolean;
  readonly receivers?: DeskStatus['receivers'];
  readonly historyDays: number;
  readonly database?: Awaited<ReturnType<DeskAbout['database']>> | undefined;
  readonly about: Omit<DeskAbout, 'database' | 'certificate'>;
  readonly certificate?: Certificate;
  /** How many homes have a hub of which version; the newest first. */
  readonly hubs: readonly { readonly version: string | null; readonly homes: number }[];
  readonly playbookProblems: readonly PlaybookProblem[];
};

export type SettingsDeps = {
  readonly database: DeskDatabase;
  readonly about?: DeskAbout | undefined;
  readonly holdsPolicy: boolean;
  readonly historyDays: number;
  readonly playbookProblems: readonly PlaybookProblem[];
  status(): DeskStatus;
  now(): number;
};

const POLICIES_SHOWN = 10;
const DAY_MS = 86_400_000;
/** Public authorities give certificates for 47 to 90 days and renew them with a third left. */
const CERTIFICATE_WARNING_MS = 14 * DAY_MS;
/** From about so many homes on a server does better (README). */
const MANY_HOMES = 1_000;

export async function settingsOf(deps: SettingsDeps): Promise<SettingsView> {
  const { database, about, holdsPolicy, historyDays, playbookProblems } = deps;
  const [rows, hubs, stored] = await Promise.all([
    listPolicies(database, POLICIES_SHOWN),
    countVersions(database),
    about?.database().catch(() => undefined),
  ]);
  const policies = rows.map(
    ({ version, since, held_from_at, file, changed_at, changed_by, changes }): PolicyVersionView => ({
      version,
      since,
      heldFrom: held_from_at,
      ...(file === null ? {} : { file }),
      ...(changed_at === null ? {} : { changedAt: changed_at }),
      ...(changed_by === null ? {} : { changedBy: changed_by }),
      ...(changes === null ? {} : { changes: JSON.parse(changes) as string[] }),
    }),
  );
  const certificate = about?.certificate?.();
  const { database: _, certificate: _read, ...rest } = about ?? { hasAccounts: false, hasOwnBroker: false, database: undefined };
  const view = {
    policies,
    holdsPolicy,
    receivers: deps.status().receivers,
    historyDays,
    database: stored,
    about: rest,
    ...(certificate && { certificate }),
    hubs,
    playbookProblems,
  };
  return { ...view, troubles: troublesIn(view, deps.status(), deps.now()) };
}

function troublesIn(view: Omit<SettingsView, 'troubles'>, status: DeskStatus, now: number): SettingsTrouble[] {
  return [
    ...ofDesk(status, view),
    ...ofReceivers(view, now),
    ...ofPolicy(view, now),
    ...ofCertificate(view, now),
    ...view.playbookProblems.map(({ file, line, message }) => ({
      what: `A playbook of your own is not used as it is: ${file}${line === undefined ? '' : `, line ${line}`}: ${message}`,
      toDo: 'Mend the file; hearthbeat config check tells every problem of it. Ours is shown until the desk is started again.',
    })),
    ...ofSize(view),
  ];
}

function ofDesk({ link, problem, counts }: DeskStatus, { about }: Omit<SettingsView, 'troubles'>): SettingsTrouble[] {
  return [
    ...(problem === undefined
      ? []
      : [
          {
            what: `The desk cannot store what arrives: ${problem}`,
            toDo: 'What hubs tell waits with them. Look at the database server, or at the disk: the desk goes on by itself.',
          },
        ]),
    ...(link.connected
      ? []
      : [
          {
            what: link.problem ?? 'The desk is not connected to its message broker.',
            toDo: 'Look at the broker and at desk.broker in the settings; the desk tries again by itself.',
          },
        ]),
    ...(counts.unknownSites === 0
      ? []
      : [
          {
            what: `${counts.unknownSites} messages came from hubs that this desk does not know.`,
            toDo: about.hasOwnBroker
              ? 'Let such a hub in: hearthbeat desk --register SITE-ID.'
              : 'A home appears when its hub is started: start it again.',
          },
        ]),
  ];
}

function ofReceivers({ receivers, about }: Omit<SettingsView, 'troubles'>, now: number): SettingsTrouble[] {
  if (receivers === undefined)
    return [
      {
        what: 'Nobody is told of tickets outside this page.',
        toDo: 'Write a file of receivers and routes and name it in desk.notices.',
        isNote: true,
      },
    ];
  return receivers.flatMap(({ name, kind, failingSince, lastAnswer = 'none' }) =>
    failingSince === undefined
      ? []
      : [
          {
            what: `Notices to ${name} (${kind}) have not gone out for ${Math.max(1, Math.round((now - failingSince) / 60_000))} minutes. Its last answer: ${lastAnswer}`,
            toDo: `Try it: hearthbeat notices test ${name}. Where it is and its secret stand in ${about.noticesFile ?? 'the file of desk.notices'}.`,
          },
        ],
  );
}

function ofPolicy({ policies: [newest], holdsPolicy }: Omit<SettingsView, 'troubles'>, now: number): SettingsTrouble[] {
  if (!holdsPolicy)
    return [
      {
        what: 'Homes are promised nothing: the desk runs without a service policy.',
        toDo: 'Write one (config/service.example.yaml has all of it) and name it in desk.service.',
        isNote: true,
      },
    ];
  if (newest === undefined || newest.since <= dayAt('UTC', now)) return [];
  return [
    {
      what: `The service policy says that it holds since ${newest.since}, and is followed already.`,
      toDo: 'Give the desk the older file until then, or write the day on which it began.',
    },
  ];
}

function ofCertificate({ certificate, about }: Omit<SettingsView, 'troubles'>, now: number): SettingsTrouble[] {
  if (certificate === undefined)
    return about.hasAccounts || about.url === undefined
      ? []
      : [
          {
            what: 'There are no accounts: whoever is at this machine is the desk.',
            toDo: 'Where others are to come in: desk: {access: accounts}, then hearthbeat desk invite.',
            isNote: true,
          },
        ];
  const { file, endsAt, trouble } = certificate;
  const toDo = `Renew it and its key: the desk reads ${file} again within the hour (desk.page.certFile, keyFile).`;
  if (trouble !== undefined) return [{ what: `The certificate of the page cannot be used: ${trouble}`, toDo }];
  if (endsAt === undefined || endsAt - now > CERTIFICATE_WARNING_MS) return [];
  const days = Math.floor((endsAt - now) / DAY_MS);
  return [
    {
      what: days < 0 ? 'The certificate of the page has ended: browsers refuse it.' : `The certificate of the page ends in ${days} days.`,
      toDo,
    },
  ];
}

function ofSize({ database, hubs }: Omit<SettingsView, 'troubles'>): SettingsTrouble[] {
  const homes = hubs.reduce((sum, one) => sum + one.homes, 0);
  if (database === undefined || !database.engine.startsWith('SQLite') || homes <= MANY_HOMES) return [];
  return [
    {
      what: `${homes} homes are kept in one SQLite file.`,
      toDo: 'From about a thousand on, give the desk a PostgreSQL server: desk.database.url.',
      isNote: true,
    },
  ];
}
