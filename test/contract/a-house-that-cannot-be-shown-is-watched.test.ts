/** What is wrong with the mirror alone, on a real hub: it says so, and watches. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished, test } from 'vitest';
import { quietHub } from '../fakes/quiet-hub.ts';

test('a hub whose mirror has no password file watches the house, and status says what is missing', { timeout: 60_000 }, async ({
  expect,
}) => {
  const hub = quietHub(onTestFinished, 'mirror:\n  urls: ["mqtt://127.0.0.1:1"]\n  username: hub\n  passwordFile: gone.password\n');
  await hub.watch();
  let said = '';
  for (let i = 0; i < 60 && !said.includes('running, version'); i++) {
    said = (await hub.run(hub.args('status'))).stdout;
    await sleep(100);
  }
  expect(said).toMatch(/! Mirror: The password file .*gone\.password does not exist\. .* Then start hearthbeat again\./);
});
