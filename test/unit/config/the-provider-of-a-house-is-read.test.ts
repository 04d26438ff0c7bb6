import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../src/config/settings.ts';
import { providerPlace } from '../../../src/platform/settings-file.ts';
import { temporaryFolder } from '../../fakes/temporary-folder.ts';

const read = (provider: object) => settingsSchema.safeParse({ desk: { provider } });
const PART = { issuer: 'https://login.example', clientId: 'desk' };

describe('the provider of a house', () => {
  it('is none where the settings name none', () => {
    expect(providerPlace(settingsSchema.parse({}).desk.provider)).toBeUndefined();
  });

  it('has its secret from a file, or none', () => {
    const clientSecretFile = join(temporaryFolder(), 'secret');
    writeFileSync(clientSecretFile, 'a secret\n');
    const place = providerPlace(read({ ...PART, clientSecretFile }).data!.desk.provider);
    expect(place).toEqual({ ...PART, title: 'single sign-on', scopes: ['openid', 'email'], clientSecret: 'a secret' });
    expect(providerPlace(read(PART).data!.desk.provider)).toMatchObject({ clientSecret: undefined });
  });

  it.each(['http://127.0.0.1:9000', 'http://localhost/realms/a', 'https://login.example/tenant/v2.0'])('may be %s', (issuer) =>
    expect(read({ ...PART, issuer }).success).toBe(true),
  );

  it.each<[object]>([
    [{ ...PART, issuer: 'http://login.example' }],
    [{ ...PART, issuer: 'login.example' }],
    [{ ...PART, issuer: 'https://a:b@login.example' }],
    [{ ...PART, issuer: 'https://login.example?x=1' }],
    [{ issuer: PART.issuer }],
    [{ clientId: 'desk' }],
    [{ ...PART, scopes: ['email'] }],
    [{ ...PART, scopes: ['openid email'] }],
    [{ ...PART, clientSecret: 'x', clientSecretFile: '/y' }],
    [{ ...PART, unknown: 1 }],
  ])('is not %j', (part) => expect(read(part).success).toBe(false));
});
