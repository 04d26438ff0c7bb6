import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { pingTrouble } from '../../../src/platform/ping-present.ts';

test('says how to install ping where no folder of the path has it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearthbeat-'));
  try {
    expect(await pingTrouble(folder)).toMatchObject({
      status: 'unavailable',
      problem: 'ping is not installed',
      fix: expect.stringContaining('iputils-ping'),
    });
    await writeFile(path.join(folder, 'ping'), '');
    await chmod(path.join(folder, 'ping'), 0o755);
    expect(await pingTrouble(`/nowhere:${folder}`)).toBeUndefined();
  } finally {
    await rm(folder, { recursive: true });
  }
});
