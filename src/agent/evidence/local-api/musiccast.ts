/** Yamaha MusicCast (Yamaha Extended Control API Specification, Basic, getDeviceInfo). `device_id` is the MAC without colons. */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const musiccastReader = localApiReader({
  name: 'musiccast',
  about: 'Asks a Yamaha MusicCast device for its model, serial number and software.',
  signs: { makers: /^yamaha/i },
  doors: [{ port: 80 }],
  paths: ['/YamahaExtendedControl/v1/system/getDeviceInfo'],
  parse: parseMusiccast,
});

export function parseMusiccast(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  if (answer?.response_code !== 0 || answer.model_name === undefined) return undefined;
  const { model_name, destination, category_code, serial_number, system_id, system_version, api_version, netmodule_version } = answer;
  return {
    fields: toldFields({
      model_name,
      destination,
      category_code,
      serial_number,
      system_id,
      system_version,
      api_version,
      netmodule_version,
    }),
    identifiers: toldIdentifiers({ mac: answer.device_id, serial: serial_number }),
  };
}
