import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../../src/config/settings.ts';
import { besideDatabase } from '../../../src/platform/backup/hub-files.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

const SCHEMA = new URL('../../../config/schemas/hearthbeat.schema.json', import.meta.url);

type Schema = { properties?: Record<string, Schema>; items?: Schema };

/** Settings of files, as `uplink.caFile`. */
function fileSettings({ properties, items }: Schema, path: readonly string[] = []): string[] {
  const below = Object.entries(properties ?? {}).flatMap(([name, part]) => fileSettings(part, [...path, name]));
  if (items) below.push(...fileSettings(items, path));
  return path.at(-1)?.endsWith('File') ? [path.join('.')] : below;
}

test('a backup has every file that the settings of a hub name', () => {
  const folder = temporaryFolder();
  const wanted = fileSettings(JSON.parse(readFileSync(SCHEMA, 'utf8')) as Schema).filter((path) => !path.startsWith('desk.'));
  expect(wanted).toContain('uplink.passwordFile');
  const at = (setting: string): string => join(folder, setting);
  for (const setting of wanted) writeFileSync(at(setting), setting);
  const access = (part: string) => ({ passwordFile: at(`${part}.passwordFile`), caFile: at(`${part}.caFile`) });
  const user = {
    name: 'hub',
    auth: { protocol: 'sha256', passwordFile: at('identify.snmp.users.auth.passwordFile') },
    priv: { protocol: 'aes', passwordFile: at('identify.snmp.users.priv.passwordFile') },
  };
  const settings = settingsSchema.parse({
    uplink: { brokers: ['mqtts://desk.example'], ...access('uplink') },
    mirror: { urls: ['mqtts://house.example'], ...access('mirror') },
    unifi: { url: 'https://192.168.1.1', keyFile: at('unifi.keyFile') },
    identify: { snmp: { users: [user] } },
  });
  const { files, unread } = besideDatabase({ folder, settings }, { madeAt: 0, version: '1' });
  expect(files.map(({ content }) => content.toString()).sort()).toEqual(wanted.sort());
  expect(unread).toEqual([]);
});
