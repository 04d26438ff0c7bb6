/** The people of a home and what stays known of it, as the API answers them: dossier/contact.ts. */
import { z } from 'zod';
import { CONTACT_ROLES, type ContactView, type HomeNote, WAYS } from '../../dossier/contact.ts';
import type { HomeLink, HomeVisit, Picture } from '../../dossier/record.ts';
import type { ContactsView } from '../../reader.ts';
import { instant } from './basics.ts';
import { exactly } from './exactly.ts';

const hand = { by: z.string(), at: instant };
export const kept = {
  ...hand,
  changed: z.object(hand).optional(),
  no: z.number().int(),
  version: z.number().int().describe('Grows with every change. Whoever changes or removes it says which one they saw.'),
};

const contactShape = exactly<ContactView>()(
  z.object({
    ...kept,
    name: z.string(),
    role: z.enum(CONTACT_ROLES),
    hasKey: z.boolean(),
    first: z.boolean().describe('To be called before others.'),
    ways: z.array(z.object({ by: z.enum(WAYS), to: z.string() })).describe('The preferred one first.'),
    hours: z.string().optional().describe('Such as `mon-fri 08:00-18:00`, by the clock of the home; none: at any hour.'),
    language: z.string().optional(),
    about: z.string().optional(),
    reach: z
      .union([z.object({ may: z.literal(true) }), z.object({ may: z.literal(false), from: instant.optional() })])
      .describe('Whether they may be called now; if not, from when.'),
  }),
).meta({ id: 'Contact' });

export const contactsShape = exactly<ContactsView>()(
  z.object({
    timeZone: z.string(),
    isZoneKnown: z.boolean().describe('If not, hours are those of UTC.'),
    contacts: z.array(contactShape),
  }),
).meta({ id: 'Contacts' });

export const noteShape = exactly<HomeNote>()(z.object({ ...kept, text: z.string(), pinned: z.boolean() })).meta({ id: 'HomeNote' });

export const homeVisitShape = exactly<HomeVisit>()(
  z.object({
    ...kept,
    day: z.string().describe('`2026-11-23`.'),
    who: z.string(),
    why: z.string(),
    done: z.string().optional(),
    nextDue: z.string().optional(),
  }),
).meta({ id: 'HomeVisit' });

export const homeLinkShape = exactly<HomeLink>()(z.object({ ...kept, title: z.string(), address: z.string() })).meta({ id: 'HomeLink' });

export const pictureShape = exactly<Picture>()(
  z.object({ ...kept, caption: z.string(), bytes: z.number().int().describe('How large it is.') }),
).meta({ id: 'HomePicture' });

/** In JSON. */
export const jpegText = z.string().meta({ contentEncoding: 'base64', contentMediaType: 'image/jpeg' });
