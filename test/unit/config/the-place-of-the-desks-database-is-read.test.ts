import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/config/read-settings.ts';
import { settingsSchema } from '../../../src/config/settings.ts';
import { postgresPlace } from '../../../src/platform/settings-file.ts';
import { AUTHORITY } from '../../fakes/broker-certificates.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

const place = (database: object) => postgresPlace(settingsSchema.parse({ desk: { database } }).desk.database);
const problems = (database: object): unknown => {
  const read = readSettings(JSON.stringify({ desk: { database } }));
  return read.ok ? [] : read.error.map(({ path, message }) => `${path}: ${message}`);
};

const URL_PROBLEM = 'desk.database.url: must be postgres://USER@HOST:PORT/NAME; its password, tls and caFile are settings of their own';

describe('where the desk keeps what hubs tell', () => {
  it('is a file, where the settings name no server', () => {
    expect(place({})).toBeUndefined();
  });

  it.each([
    ['postgres://desk@db.example:6432/homes', { host: 'db.example', port: 6432, name: 'homes', user: 'desk', tls: {} }],
    ['postgresql://desk@db.example/homes', { host: 'db.example', port: 5432, name: 'homes', user: 'desk', tls: {} }],
    ['postgres://desk@192.168.1.5/homes', { host: '192.168.1.5', port: 5432, name: 'homes', user: 'desk', tls: {} }],
    ['postgres://desk@localhost/homes', { host: 'localhost', port: 5432, name: 'homes', user: 'desk' }],
    ['postgres://desk@127.0.0.1/homes', { host: '127.0.0.1', port: 5432, name: 'homes', user: 'desk' }],
    ['postgres://desk@[::1]:5433/homes', { host: '::1', port: 5433, name: 'homes', user: 'desk' }],
    ['postgres://a%40b@%2Fvar%2Frun%2Fpostgresql/h%20omes', { host: '/var/run/postgresql', port: 5432, name: 'h omes', user: 'a@b' }],
  ])('is read from %s, with TLS where the way leaves this machine', (url, expected) => {
    expect(place({ url })).toEqual(expected);
  });

  it.each([
    'db.example',
    'mysql://desk@db.example/homes',
    'postgres://db.example/homes',
    'postgres://desk@db.example',
    'postgres://desk@db.example/',
    'postgres://desk@/homes',
    'postgres://desk@db.example/homes/more',
    'postgres://desk:secret@db.example/homes',
    'postgres://desk@db.example/homes?sslmode=require',
    'postgres://desk@db.example/homes#x',
    'postgres://desk@db.example:x/homes',
    'postgres://desk@db.example/ho mes',
    'postgres://desk@db.example/%E0%A4%A',
  ])('is not %s', (url) => {
    expect(problems({ url })).toEqual([URL_PROBLEM]);
  });

  it('gets all that is wrong with it told at once', () => {
    const wrong = { url: 'x', password: 'a', passwordFile: 'b', tls: false, caFile: 'c', sslmode: 'require' };
    expect(problems(wrong)).toEqual(
      expect.arrayContaining([
        URL_PROBLEM,
        'desk.database.passwordFile: must be left out where password is given: one of the two',
        'desk.database.caFile: must be left out where tls is false',
        'desk.database.sslmode: unknown setting; known here: url, password, passwordFile, tls, caFile',
      ]),
    );
    expect(problems({ tls: 'require' })).toEqual(['desk.database.tls: must be true or false']);
  });

  it('takes its password and its authority from files', () => {
    const folder = temporaryFolder();
    const files = { passwordFile: join(folder, 'password'), caFile: join(folder, 'ca.pem') };
    writeFileSync(files.passwordFile, 'se cret\n');
    writeFileSync(files.caFile, AUTHORITY);
    const url = 'postgres://desk@localhost/homes';
    expect(place({ url, ...files })).toMatchObject({ password: 'se cret', tls: { ca: AUTHORITY } });
    expect(place({ url, tls: true })).toMatchObject({ tls: {} });
    expect(place({ url: 'postgres://desk@db.example/homes', tls: false })).not.toHaveProperty('tls');
    expect(() => place({ url, passwordFile: join(folder, 'none') })).toThrow(expect.objectContaining({ code: 'HB_CONFIG_INVALID' }));
  });
});
