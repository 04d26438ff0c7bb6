/** What stands behind an address is given: what its visitor may see and do, and nothing else. */
import type { Frame } from '../../web/parts.ts';
import type { Permission, Who } from '../access/roles.ts';
import type { Change, News } from '../changes.ts';
import type { DossierWork } from '../dossier/dossier-work.ts';
import type { IncidentWork } from '../incidents/incident-work.ts';
import type { Acknowledged, ToAcknowledge } from '../ingest/acknowledgements.ts';
import type { Library } from '../playbooks/library.ts';
import type { DeskReader } from '../reader.ts';
import type { DeskWork } from '../tickets/desk-work.ts';
import type { ContractWork } from '../vendors/contract-work.ts';

export type Acknowledge = (alert: ToAcknowledge) => Promise<Acknowledged>;

/** As much of it as somebody may work on. */
export type Work = {
  open(ticket: Parameters<DeskWork['open']>[0]): ReturnType<DeskWork['open']>;
  act(act: Parameters<DeskWork['act']>[0]): ReturnType<DeskWork['act']>;
};

/** Of homes within the visitor's reach. */
export type Dossier = {
  contact(act: Parameters<DossierWork['contact']>[0]): ReturnType<DossierWork['contact']>;
  note(act: Parameters<DossierWork['note']>[0]): ReturnType<DossierWork['note']>;
  homeVisit(act: Parameters<DossierWork['homeVisit']>[0]): ReturnType<DossierWork['homeVisit']>;
  link(act: Parameters<DossierWork['link']>[0]): ReturnType<DossierWork['link']>;
  picture(act: Parameters<DossierWork['picture']>[0]): ReturnType<DossierWork['picture']>;
};

/** Of homes within the visitor's reach. */
export type Contracts = { keep(act: Parameters<ContractWork['keep']>[0]): ReturnType<ContractWork['keep']> };

/** What a visitor may see and do. */
export type Visit = {
  readonly who: Who;
  may(permission: Permission): boolean;
  /** Of the homes within the visitor's reach. */
  readonly reader: DeskReader;
  readonly work: Work;
  readonly dossier: Dossier;
  readonly contractWork: Contracts;
  /** With many homes at once: for who sees all. */
  readonly incidentWork: IncidentWork;
  readonly acknowledge: Acknowledge;
  /** None where they are not for the visitor's eyes. */
  readonly playbooks: Library;
  frame(): Frame;
  /** What of the news is about the visitor's homes; undefined where nothing is. `look` reads anew which those are. */
  listener(): Promise<{ concerning(news: News): Change | undefined; look(): Promise<void> }>;
  /** What somebody sent, with his name as who did it: what stands there counts only where there are no accounts. */
  named(body: unknown): unknown;
};
