/**
 * Google Cast: `setup/eureka_info` tells name and build to everyone, on plain 8008 or, on later firmware, over TLS on 8443 (as pychromecast
 * asks). The answer holds more of the home (networks, place) than is wanted; only what is named here is asked for and kept.
 */
import { utf8 } from '../byte-reader.ts';
import { jsonObject } from '../json-object.ts';
import type { Finding } from '../reader.ts';
import { toldFields, toldIdentifiers } from '../told.ts';
import { localApiReader } from './local-api.ts';

export const castReader = localApiReader({
  name: 'cast',
  about: 'Asks a Cast device for its name, model, maker and build.',
  signs: { services: ['_googlecast._tcp'], ports: [8008] },
  doors: [{ port: 8008 }, { port: 8443, tls: true }],
  paths: ['/setup/eureka_info?params=name,device_info,build_info,version'],
  parse: parseCast,
});

/** Old firmware answers flat, new firmware in parts. */
export function parseCast(body: Uint8Array): Finding | undefined {
  const answer = jsonObject(utf8(body));
  const device = jsonObject(answer?.device_info) ?? answer;
  const build = jsonObject(answer?.build_info) ?? answer;
  if (!answer || !device || !build || (build.cast_build_revision === undefined && device.ssdp_udn === undefined)) return undefined;
  const id = typeof device.ssdp_udn === 'string' ? device.ssdp_udn : undefined;
  const fields = toldFields({
    name: answer.name,
    manufacturer: device.manufacturer,
    model_name: device.model_name,
    product_name: device.product_name,
    cast_build_revision: build.cast_build_revision,
    build_version: build.build_version ?? build.system_build_number,
  });
  const identifiers = toldIdentifiers({
    // The `id` of its DNS-SD record is the same UUID without hyphens.
    'cast-id': id?.replaceAll('-', ''),
    udn: id && `uuid:${id}`,
    mac: device.mac_address,
  });
  return { fields, identifiers };
}
