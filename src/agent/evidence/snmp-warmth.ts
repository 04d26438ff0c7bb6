/**
 * How warm a device says it is inside: one number, that of its warmest part, in degrees Celsius. Sensors come as ENTITY-SENSOR-MIB (RFC 3433), as Cisco's older
 * CISCO-ENVMON-MIB and as what Net-SNMP reads from lm-sensors; scalars of makers stand with their other objects (snmp-tables.ts). Pure.
 */
import type { Row } from './snmp-session.ts';
import { degreesOf, warmest } from './snmp-tables.ts';

const SENSOR = '1.3.6.1.2.1.99.1.1.1';
const SENSOR_COLUMNS = { type: `${SENSOR}.1`, scale: `${SENSOR}.2`, precision: `${SENSOR}.3`, value: `${SENSOR}.4`, status: `${SENSOR}.5` };
const ENVMON = '1.3.6.1.4.1.9.9.13.1.3.1.3';
const LM_SENSORS = '1.3.6.1.4.1.2021.13.16.2.1.3';
const CISCO = 9;
const NET_SNMP = 8072;

type Table = { readonly columns: readonly string[]; readonly limit: number };

/** Where the sensors of an agent are, by the number of who made it; the first table that tells something is enough. */
export function warmthTables(enterprise: number | undefined): readonly Table[] {
  const sensors = { columns: Object.values(SENSOR_COLUMNS), limit: 32 };
  if (enterprise === NET_SNMP) return [{ columns: [LM_SENSORS], limit: 16 }];
  return enterprise === CISCO ? [sensors, { columns: [ENVMON], limit: 8 }] : [sensors];
}

/** Of all rows the warmest; undefined where none tells a temperature that can be one. */
export function warmestIn(rows: readonly Row[]): string | undefined {
  return warmest(rows.map(({ cells }) => sensorIn(cells) ?? degreesOf(cells.get(ENVMON)) ?? thousandthsIn(cells)));
}

const CELSIUS = 8;
const OK = 1;
/** EntitySensorDataScale goes up in thousands; this is units. */
const UNITS = 9;

function sensorIn(cells: Row['cells']): number | undefined {
  const { type, scale, precision, value, status } = SENSOR_COLUMNS;
  const [raw, unit, digits] = [cells.get(value), cells.get(scale), cells.get(precision)];
  if (cells.get(type) !== CELSIUS || cells.get(status) !== OK || typeof raw !== 'number' || typeof unit !== 'number') return undefined;
  return raw * 1000 ** (unit - UNITS) * 10 ** -(typeof digits === 'number' ? digits : 0);
}

function thousandthsIn(cells: Row['cells']): number | undefined {
  const told = cells.get(LM_SENSORS);
  return typeof told === 'number' ? told / 1000 : undefined;
}
