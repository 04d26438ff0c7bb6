/** HomeWizard meters and sockets (HomeWizard Energy local API v1, `/api`), where the owner allows the local API; 403 elsewhere. */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const homewizardReader = localApiReader({
  name: 'homewizard',
  about: 'Asks a HomeWizard meter or socket for its product, serial number and firmware.',
  signs: { services: ['_hwenergy._tcp'] },
  doors: [{ port: 80 }],
  paths: ['/api'],
  parse: parseHomewizard,
});

export function parseHomewizard(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (answer?.product_type === undefined || answer.product_name === undefined) return undefined;
  const { product_type, product_name, serial, firmware_version, api_version } = answer;
  // The serial number is the MAC without colons.
  return {
    fields: toldFields({ product_type, product_name, serial, firmware_version, api_version }),
    identifiers: toldIdentifiers({ mac: serial }),
  };
}
