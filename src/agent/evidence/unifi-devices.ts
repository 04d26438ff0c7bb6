/**
 * What a UniFi console says of a device that it manages: how long the model is looked after, and which firmware it runs. Of its own interface (`stat/device`;
 * names as in Art-of-WiFi/UniFi-API-client and Kane610/aiounifi, both MIT) and of the documented one, which says less. The rest of an answer (keys, radio
 * secrets, clients) is dropped where it is read.
 */
import { isLocallyAdministered, parseMac } from '../../base/mac-address.ts';
import type { JsonObject } from './json-object.ts';
import { toldFields } from './told.ts';

/** The reader's name: the `on` of its fingerprints, and the source of its reports. */
export const UNIFI_CONSOLE = 'unifi-console';

export type ManagedDevice = {
  /** Its own and those of its ports, in our normal form; at most four. */
  readonly macs: readonly string[];
  /** `model`, `type`, `name`, `firmware`, `firmwareOffered`; `endOfLife`, `fixesOnly` and `unsupported` are `yes` or missing. */
  readonly fields: Readonly<Record<string, string>>;
};

const MOST_MACS = 4;

/** Undefined for what is not adopted, or has no address of its own. */
export function managedDevice(said: JsonObject): ManagedDevice | undefined {
  const macs = macsOf(said);
  if (macs.length === 0 || said.adopted === false) return undefined;
  const offered = said.upgradable === true || said.firmwareUpdatable === true;
  const fields = toldFields({
    model: said.model,
    type: said.type,
    name: said.name,
    firmware: said.displayable_version ?? said.version ?? said.firmwareVersion,
    ...(offered ? { firmwareOffered: said.upgrade_to_firmware ?? 'newer' } : {}),
    ...(said.model_in_eol === true ? { endOfLife: 'yes' } : {}),
    ...(said.model_in_lts === true ? { fixesOnly: 'yes' } : {}),
    ...(said.unsupported === true || said.supported === false ? { unsupported: 'yes' } : {}),
  });
  return { macs, fields };
}

function macsOf({ mac, macAddress, ethernet_table: ports }: JsonObject): string[] {
  const told = [mac ?? macAddress, ...(Array.isArray(ports) ? ports.slice(0, MOST_MACS).map((port) => port?.mac) : [])];
  const macs = told.map((text) => (typeof text === 'string' ? parseMac(text) : undefined));
  // Nothing that is adopted has an address that it made up itself; phones do.
  const own = macs.filter((each) => each !== undefined && !isLocallyAdministered(each)) as string[];
  return [...new Set(own)].slice(0, MOST_MACS);
}

/** The id of the site that is meant, by its name in the console's own addresses or by the one people gave it. The only one there is needs no name. */
export function siteIn(sites: readonly JsonObject[], wanted: string): string | undefined {
  const named = sites.find(({ internalReference, name }) => internalReference === wanted || name === wanted);
  const id = (named ?? (sites.length === 1 ? sites[0] : undefined))?.id;
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}
