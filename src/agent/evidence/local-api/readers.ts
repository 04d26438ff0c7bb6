/** The local interfaces there are, by how common their devices are. To add one: a file beside this one, a line here, its name in config/identify.ts. */
import type { Reader } from '../reader.ts';
import { axisReader } from './axis.ts';
import { bluesoundReader } from './bluesound.ts';
import { castReader } from './cast.ts';
import { denonReader } from './denon.ts';
import { elgatoReader } from './elgato.ts';
import { enphaseReader } from './enphase.ts';
import { fritzReader } from './fritz.ts';
import { froniusReader } from './fronius.ts';
import { heosReader } from './heos.ts';
import { homewizardReader } from './homewizard.ts';
import { hueReader } from './hue.ts';
import { jellyfinReader } from './jellyfin.ts';
import { linkplayReader } from './linkplay.ts';
import { loxoneReader } from './loxone.ts';
import { musiccastReader } from './musiccast.ts';
import { netgearReader } from './netgear.ts';
import { plexReader } from './plex.ts';
import { qnapReader } from './qnap.ts';
import { rokuReader } from './roku.ts';
import { samsungReader } from './samsung.ts';
import { shellyReader } from './shelly.ts';
import { sonosReader } from './sonos.ts';
import { sonyReader } from './sony.ts';
import { soundtouchReader } from './soundtouch.ts';
import { teslaReader } from './tesla.ts';
import { twoNReader } from './two-n.ts';
import { unifiReader } from './unifi.ts';
import { wledReader } from './wled.ts';

export const LOCAL_API_READERS: readonly Reader[] = [
  castReader,
  rokuReader,
  sonosReader,
  hueReader,
  samsungReader,
  shellyReader,
  denonReader,
  heosReader,
  sonyReader,
  musiccastReader,
  soundtouchReader,
  bluesoundReader,
  linkplayReader,
  unifiReader,
  netgearReader,
  fritzReader,
  qnapReader,
  plexReader,
  jellyfinReader,
  wledReader,
  elgatoReader,
  homewizardReader,
  enphaseReader,
  teslaReader,
  froniusReader,
  loxoneReader,
  axisReader,
  twoNReader,
];
