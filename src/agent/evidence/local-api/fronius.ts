/** Fronius inverters with a Datamanager (Fronius Solar API V1, 42,0410,2012, GetLoggerInfo). GEN24 answers 404. */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const froniusReader = localApiReader({
  name: 'fronius',
  about: 'Asks the data logger of a Fronius inverter for its product, id and software.',
  signs: { makers: /^fronius/i },
  doors: [{ port: 80 }],
  paths: ['/solar_api/v1/GetLoggerInfo.cgi'],
  parse: parseFronius,
});

export function parseFronius(body: Uint8Array): Finding | undefined {
  const logger = jsonObject(jsonObject(jsonObject(utf8(body))?.Body)?.LoggerInfo);
  if (logger?.ProductID === undefined) return undefined;
  const { ProductID, PlatformID, UniqueID, HWVersion, SWVersion } = logger;
  return {
    fields: toldFields({ ProductID, PlatformID, UniqueID, HWVersion, SWVersion }),
    identifiers: toldIdentifiers({ serial: UniqueID }),
  };
}
