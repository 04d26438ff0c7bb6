/** Reads the service policy of a desk from its file. */
import { resolve } from 'node:path';
import { readServicePolicy } from '../config/service.ts';
import type { ServicePolicy } from '../desk/service/policy.ts';
import { SettingsError, textOf } from './settings-file.ts';

/** Throws SettingsError with every problem, or HearthbeatError where the file cannot be read. */
export function loadServicePolicy(file: string): ServicePolicy {
  const path = resolve(file);
  const read = readServicePolicy(textOf(path, 'service policy'));
  if (!read.ok) throw new SettingsError(path, read.error, `policy check ${path}`);
  return read.value;
}
