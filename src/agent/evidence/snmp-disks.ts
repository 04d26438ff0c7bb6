/**
 * What a NAS tells of its disks: of a Synology which fail by DSM's own word (SYNOLOGY-DISK-MIB, SYNOLOGY-RAID-MIB), their hours, replaced and pending sectors
 * (SYNOLOGY-SMART-MIB), of a QNAP the word that its firmware has for them (NAS-MIB). A table of SMART holds some twenty rows a disk, so the numbers of its attributes are
 * listed first and only three rows of each disk read.
 */
import { present } from '../../base/present.ts';
import { cleanText } from '../../base/text.ts';
import type { SnmpValue } from './snmp-message.ts';
import { type Row, readObjects, readTable, readWhole, type Session } from './snmp-session.ts';
import { degreesOf, type Fields, isQnap, isSynology, type Objects, type Subject, textOf, warmest } from './snmp-tables.ts';

/**
 * `disks`, `disksFailing`, `disksWarned`, `volumesDegraded`: names as the NAS has them, comma-separated; `diskWear`; `temperatureC` of the warmest. `disksUnheard` and
 * `wearUnheard` are `yes` where the agent broke off: what it did not come to say is not over.
 */
export async function readDisks(session: Session, subject: Subject): Promise<Fields> {
  const isOfQnap = isQnap(subject);
  if (!isOfQnap && !isSynology(subject)) return {};
  const { told, isWhole } = await readWhole(session, () => (isOfQnap ? readQnapDisks(session) : readBays(session)));
  const fields = isWhole ? told : { ...told, disksUnheard: 'yes' };
  return isOfQnap || told.disks === undefined ? fields : { ...fields, ...(await readWear(session)) };
}

async function readBays(session: Session): Promise<Fields> {
  const disks = await readTable(session, Object.values(DISK_COLUMNS), MOST_DISKS);
  if (disks.length === 0) return {};
  return diskFields(disks, await readTable(session, Object.values(RAID_COLUMNS), MOST_VOLUMES));
}

/** Nothing half: a disk with a part of its counters would seem to get worse with the next answer. */
async function readWear(session: Session): Promise<Fields> {
  const { told, isWhole } = await readWhole(session, () => readSmart(session));
  return isWhole ? told : { wearUnheard: 'yes' };
}

const MOST_DISKS = 16;
const LONGEST_NAME = 32;
const LONGEST_LIST = 255;
/** What a GET and its answer hold in one packet. */
const OBJECTS_PER_QUESTION = 24;

// ---- SYNOLOGY-DISK-MIB, SYNOLOGY-RAID-MIB ----

const DISK = '1.3.6.1.4.1.6574.2.1.1';
const DISK_COLUMNS = { name: `${DISK}.2`, status: `${DISK}.5`, degrees: `${DISK}.6`, remainingLife: `${DISK}.11`, health: `${DISK}.13` };
const RAID = '1.3.6.1.4.1.6574.3.1.1';
const RAID_COLUMNS = { name: `${RAID}.2`, status: `${RAID}.3` };
const MOST_VOLUMES = 8;

/** Of the disk: its system partition failed, crashed; of its health: critical, failing; of a volume: degraded, crashed. */
const DISK_BROKEN = new Set<SnmpValue>([4, 5]);
const DISK_FAILING = new Set<SnmpValue>([3, 4]);
const VOLUME_BROKEN = new Set<SnmpValue>([11, 12]);
/** diskHealthStatus: it may be at risk. */
const DISK_WARNED = 2;
/** Percent of an SSD; -1 for a disk that does not wear by writing. */
const WORN_PERCENT = 5;

/** Names of what failed or is about to, as DSM calls them: `Disk 2, Disk 3`. */
function diskFields(disks: readonly Row[], volumes: readonly Row[]): Fields {
  const { name, status, degrees, remainingLife, health } = DISK_COLUMNS;
  const isFailing = ({ cells }: Row): boolean => {
    const life = cells.get(remainingLife);
    const isWorn = typeof life === 'number' && life >= 0 && life <= WORN_PERCENT;
    return DISK_BROKEN.has(cells.get(status)) || DISK_FAILING.has(cells.get(health)) || isWorn;
  };
  const isWarned = (disk: Row): boolean => disk.cells.get(health) === DISK_WARNED && !isFailing(disk);
  const isDegraded = ({ cells }: Row): boolean => VOLUME_BROKEN.has(cells.get(RAID_COLUMNS.status));
  return present({
    disks: `${disks.length}`,
    temperatureC: warmest(disks.map(({ cells }) => degreesOf(cells.get(degrees)))),
    disksFailing: listed(disks.filter(isFailing), name),
    disksWarned: listed(disks.filter(isWarned), name),
    volumesDegraded: listed(volumes.filter(isDegraded), RAID_COLUMNS.name),
  });
}

function listed(rows: readonly Row[], column: string): string | undefined {
  const inOrder = rows.toSorted((a, b) => Number(a.index) - Number(b.index));
  const names = inOrder.map(({ index, cells }) => textOf(cells.get(column), LONGEST_NAME)?.replaceAll(',', ' ') ?? `disk ${index}`);
  return cleanText(names.join(', '), LONGEST_LIST);
}

// ---- SYNOLOGY-SMART-MIB (diskSMARTTable: 2 the disk, 4 the number of the attribute, 8 its raw value) ----

const SMART = '1.3.6.1.4.1.6574.5.1.1';
const SMART_COLUMNS = { disk: `${SMART}.2`, attribute: `${SMART}.4`, raw: `${SMART}.8` };
/** Sixteen disks of thirty attributes. */
const MOST_ATTRIBUTES = 480;
/** As all ATA disks number them (smartmontools, drivedb.h, DEFAULT). */
const ATTRIBUTES = new Map<SnmpValue, keyof Disk>([
  [9, 'hours'],
  [5, 'replaced'],
  [197, 'pending'],
]);
/** Raw values of some makers have minutes or counters in their upper bytes: what cannot be hours is none. 20 years. */
const MOST_HOURS = 175_000;
const MOST_SECTORS = 1_000_000;
const LONGEST_DEVICE = 24;

type Disk = { hours?: number; replaced?: number; pending?: number };

/** `diskWear`: `sata1 43210/8/0, sata2 43209/0/-`: hours, sectors replaced, sectors pending; `-` what was not told. */
async function readSmart(session: Session): Promise<Fields> {
  const numbers = await readTable(session, [SMART_COLUMNS.attribute], MOST_ATTRIBUTES);
  const wanted = numbers.flatMap(({ index, cells }) => {
    const what = ATTRIBUTES.get(cells.get(SMART_COLUMNS.attribute));
    return what === undefined ? [] : [{ index, what }];
  });
  const asked = wanted.slice(0, MOST_DISKS * ATTRIBUTES.size);
  const oids = asked.flatMap(({ index }) => [`${SMART_COLUMNS.disk}.${index}`, `${SMART_COLUMNS.raw}.${index}`]);
  const objects = new Map<string, SnmpValue>();
  for (let at = 0; at < oids.length; at += OBJECTS_PER_QUESTION)
    for (const [oid, value] of (await readObjects(session, oids.slice(at, at + OBJECTS_PER_QUESTION))) ?? []) objects.set(oid, value);
  return wearField(asked, objects);
}

function wearField(asked: readonly { readonly index: string; readonly what: keyof Disk }[], objects: Objects): Fields {
  const disks = new Map<string, Disk>();
  for (const { index, what } of asked) {
    const name = nameOf(objects.get(`${SMART_COLUMNS.disk}.${index}`));
    const raw = objects.get(`${SMART_COLUMNS.raw}.${index}`);
    const most = what === 'hours' ? MOST_HOURS : MOST_SECTORS;
    if (name === undefined || typeof raw !== 'number' || raw < 0 || raw > most) continue;
    disks.set(name, { ...disks.get(name), [what]: raw });
  }
  const words = [...disks].map(([name, { hours = '-', replaced = '-', pending = '-' }]) => `${name} ${hours}/${replaced}/${pending}`);
  return words.length === 0 ? {} : { diskWear: words.slice(0, MOST_DISKS).join(', ') };
}

/** `/dev/sata1` is `sata1`: no blank, comma or slash may be in it. */
function nameOf(value: SnmpValue): string | undefined {
  return textOf(value, LONGEST_DEVICE)
    ?.replace(/^\/dev\//, '')
    .replace(/[^\w.-]+/g, '-');
}

// ---- NAS-MIB of QNAP: the table of all QTS, and that of newer ones ----

const OLD = '1.3.6.1.4.1.24681.1.2.11.1';
const NEW = '1.3.6.1.4.1.24681.1.4.1.1.1.1.5.2.1';
const TABLES = [
  { name: `${OLD}.2`, degrees: `${OLD}.3`, status: `${OLD}.4`, smart: `${OLD}.7` },
  { name: `${NEW}.2`, degrees: `${NEW}.6`, status: undefined, smart: `${NEW}.5` },
] as const;
/** HdStatus: a bay without a disk; it cannot be read or written any more. */
const NO_DISK = -5;
const BROKEN = -9;

async function readQnapDisks(session: Session): Promise<Fields> {
  for (const table of TABLES) {
    const columns = Object.values(table).filter((column) => column !== undefined);
    const rows = (await readTable(session, columns, MOST_DISKS)).filter(
      ({ cells }) => !table.status || cells.get(table.status) !== NO_DISK,
    );
    if (rows.length > 0) return qnapFields(rows, table);
  }
  return {};
}

function qnapFields(rows: readonly Row[], { name, degrees, status, smart }: (typeof TABLES)[number]): Fields {
  const stateOf = ({ cells }: Row): 'failing' | 'warned' | undefined =>
    status !== undefined && cells.get(status) === BROKEN ? 'failing' : smartWord(cells.get(smart));
  return present({
    disks: `${rows.length}`,
    temperatureC: warmest(rows.map(({ cells }) => degreesOf(cells.get(degrees)))),
    disksFailing: listed(
      rows.filter((row) => stateOf(row) === 'failing'),
      name,
    ),
    disksWarned: listed(
      rows.filter((row) => stateOf(row) === 'warned'),
      name,
    ),
  });
}

/** The older table has words (`GOOD`, `Normal`, `Warning`, `Abnormal`), the newer one numbers: 0 good, 1 warning, 2 abnormal. */
function smartWord(value: SnmpValue): 'failing' | 'warned' | undefined {
  const word = typeof value === 'number' ? value : (textOf(value, 24) ?? '').toLowerCase();
  if (word === 2 || word === 'abnormal' || word === 'bad') return 'failing';
  return word === 1 || word === 'warning' ? 'warned' : undefined;
}
