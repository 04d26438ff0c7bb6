/** Makes of whoever asks what he may see and do (routes.ts). */
import type { Frame } from '../../web/parts.ts';
import type { Looks } from '../access/looks.ts';
import { mayHe, type Permission, type Who } from '../access/roles.ts';
import { type Change, changeIn, type News } from '../changes.ts';
import type { DossierWork } from '../dossier/dossier-work.ts';
import { forClients } from '../for-clients.ts';
import type { IncidentWork } from '../incidents/incident-work.ts';
import type { Acknowledgements } from '../ingest/acknowledgements.ts';
import { type Library, NO_PLAYBOOKS } from '../playbooks/library.ts';
import type { Readers } from '../reader.ts';
import type { DeskStatus } from '../status.ts';
import type { DeskWork } from '../tickets/desk-work.ts';
import type { ContractWork } from '../vendors/contract-work.ts';
import type { Visit } from './visit.ts';
import { withLooks } from './with-looks.ts';

export type VisitDeps = {
  readonly readers: Readers;
  readonly looks: Pick<Looks, 'note'>;
  readonly work: Pick<DeskWork, 'open' | 'act'>;
  readonly dossier: DossierWork;
  readonly contractWork: ContractWork;
  readonly incidentWork: IncidentWork;
  readonly acknowledge: Acknowledgements['acknowledge'];
  readonly playbooks: Library;
  readonly status: () => DeskStatus;
  now(): number;
};

export function visitOf(deps: VisitDeps, who: Who): Visit {
  const { readers, looks, work, dossier, contractWork, incidentWork, acknowledge, playbooks, status, now } = deps;
  const { scope, name } = who;
  const mayDo = (permission: Permission): boolean => mayHe(who, permission);
  const within = readers.within(scope);
  // Where there are no accounts nobody knows who looks.
  const reader = name === undefined ? within : withLooks(within, (site) => looks.note(site, name));
  const frame = (): Frame => ({
    now: now(),
    status: mayDo('desk') ? status() : inShort(status()),
    ...(name === undefined ? {} : { viewer: { name, may: mayDo } }),
  });
  return {
    who,
    may: mayDo,
    reader: mayDo('staff') ? reader : forClients(reader),
    work: { open: (ticket) => work.open(ticket, scope), act: (act) => work.act(act, scope) },
    contractWork: { keep: (act) => contractWork.keep(act, scope) },
    dossier: {
      contact: (act) => dossier.contact(act, scope),
      note: (act) => dossier.note(act, scope),
      homeVisit: (act) => dossier.homeVisit(act, scope),
      link: (act) => dossier.link(act, scope),
      picture: (act) => dossier.picture(act, scope),
    },
    incidentWork: scope === 'all' ? incidentWork : { act: async () => 'unknown' },
    acknowledge: (alert) => acknowledge(alert, scope),
    playbooks: mayDo('staff') ? playbooks : NO_PLAYBOOKS,
    frame,
    async listener() {
      if (scope === 'all') return { concerning: (news: News): Change | undefined => changeIn(news), look: async () => {} };
      let homes = await readers.homesWithin(scope);
      return {
        concerning: (news: News) => changeIn(news, (site) => homes.has(site)),
        async look() {
          homes = await readers.homesWithin(scope);
        },
      };
    },
    named: (body) => (name === undefined || typeof body !== 'object' ? body : { ...body, by: name }),
  };
}

const NOTHING_COUNTED = {
  received: 0,
  entries: 0,
  duplicates: 0,
  malformed: 0,
  unknownSites: 0,
  overLimit: 0,
  dropped: 0,
  failedBatches: 0,
};

/** Whether it can be relied on, and nothing of what goes on in other homes or with its machines. */
export function inShort({ link, settled, problem }: DeskStatus): DeskStatus {
  return {
    link: { connected: link.connected },
    settled,
    ...(problem === undefined ? {} : { problem: 'it cannot store now' }),
    counts: NOTHING_COUNTED,
  };
}
