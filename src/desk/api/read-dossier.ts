/** What is kept of a home, as far as it is for the visitor's eyes, for its page and for a ticket. */
import type { HomeDossier } from '../../web/dossier-section.ts';
import type { Visit } from './visit.ts';

/** `isHouseDown`: then it is called at any hour. */
export async function readDossier({ reader, may, frame }: Visit, site: string, isHouseDown = false): Promise<HomeDossier> {
  const [contacts, notes, visits, links, pictures] = await Promise.all([
    may('contacts') ? reader.contacts(site, frame().now, isHouseDown) : undefined,
    may('staff') ? reader.notes(site) : [],
    may('contacts') ? reader.homeVisits(site) : [],
    may('staff') ? reader.links(site) : [],
    may('contacts') ? reader.pictures(site) : [],
  ]);
  return { contacts, notes, visits, links, pictures };
}
