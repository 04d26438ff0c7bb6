/** All that the API of a desk can be asked, with accounts and without. */
import { ACCOUNT_CALLS } from './accounts.ts';
import { ACKNOWLEDGE_CALLS } from './acknowledge.ts';
import { ALERT_CALLS } from './alerts.ts';
import type { Call } from './call.ts';
import { CONTRACT_CALLS } from './contracts.ts';
import { DESCRIBE_CALLS } from './describe.ts';
import { DESK_CALLS } from './desk-itself.ts';
import { DEVICE_CALLS } from './devices.ts';
import { DOSSIER_CALLS } from './dossier.ts';
import { FLEET_CALLS } from './fleet.ts';
import { FORGET_CALLS } from './forget.ts';
import { HOMES_CALLS } from './homes.ts';
import { INCIDENT_CALLS } from './incidents.ts';
import { LOOK_CALLS } from './looks.ts';
import { OWN_ACCOUNT_CALLS } from './own-account.ts';
import { PACK_CALLS } from './pack.ts';
import { PEOPLE_CALLS } from './people.ts';
import { PICTURE_CALLS } from './pictures.ts';
import { PLAYBOOK_CALLS } from './playbooks.ts';
import { RECORD_CALLS } from './record.ts';
import { REPORT_CALLS } from './reports.ts';
import { SERVICE_CALLS } from './service.ts';
import { SETTINGS_CALLS } from './settings.ts';
import { SHIFT_CALLS } from './shifts.ts';
import { STREAM_CALLS } from './stream.ts';
import { TICKET_CALLS } from './tickets.ts';
import { TIME_CALLS } from './time.ts';

export const EVERY_CALL = [
  DESK_CALLS,
  HOMES_CALLS,
  FORGET_CALLS,
  DEVICE_CALLS,
  DOSSIER_CALLS,
  RECORD_CALLS,
  PICTURE_CALLS,
  LOOK_CALLS,
  CONTRACT_CALLS,
  FLEET_CALLS,
  SERVICE_CALLS,
  ALERT_CALLS,
  ACKNOWLEDGE_CALLS,
  TICKET_CALLS,
  PACK_CALLS,
  INCIDENT_CALLS,
  TIME_CALLS,
  SHIFT_CALLS,
  REPORT_CALLS,
  PLAYBOOK_CALLS,
  STREAM_CALLS,
  PEOPLE_CALLS,
  ACCOUNT_CALLS,
  OWN_ACCOUNT_CALLS,
  SETTINGS_CALLS,
  DESCRIBE_CALLS,
].flatMap((calls): Call[] => Object.values(calls as unknown as Record<string, Call>));
