/** How a hub comes to its password at a desk with its own broker. */
import { join } from 'node:path';
import mqtt from 'mqtt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { idOf } from '../builders/entries.ts';
import { type Workplace, workplace } from '../fakes/command.ts';

const SITE = idOf(3);

describe('hearthbeat desk --register', { timeout: 30_000 }, () => {
  function place(settings: string): Workplace & { readonly args: string[] } {
    const here = workplace(onTestFinished);
    return { ...here, args: ['desk', '--config', here.file('hearthbeat.yaml', settings), '--data', join(here.folder, 'data')] };
  }

  const joinDesk = (url: string, password: string) =>
    mqtt.connectAsync(url, { clientId: SITE, username: SITE, password, protocolVersion: 4, reconnectPeriod: 0 });

  it('prints a password with which the hub comes in, also at a desk that runs', async () => {
    const port = 21_520 + Math.floor(Math.random() * 20) * 2;
    const { start, run, args } = place(`desk:\n  access: local\n  page: { port: ${port} }\n  broker: { port: ${port + 1} }\n`);
    const desk = start(args);
    await desk.said('broker:');
    const { code, stdout } = await run([...args, '--register', SITE, '--name', 'Villa', '--json']);
    const { password, broker } = JSON.parse(stdout) as { password: string; broker: string };
    expect([code, broker]).toEqual([0, `mqtt://127.0.0.1:${port + 1}`]);
    await expect(joinDesk(broker, 'a guess')).rejects.toMatchObject({ code: 4 });
    await (await joinDesk(broker, password)).endAsync();
    const page = await (await fetch(`http://127.0.0.1:${port}/api/v1/sites`)).json();
    expect(page).toMatchObject({ sites: [{ id: SITE, name: 'Villa', presence: { phase: 'never' } }] });
  });

  it('refuses what is no site id, a name alone, and a desk whose broker is not its own', async () => {
    const own = place('');
    expect(await own.run([...own.args, '--register', 'Villa'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no site id'),
    });
    expect(await own.run([...own.args, '--name', 'Villa'])).toMatchObject({ code: 2, stderr: expect.stringContaining('needs --register') });
    const outside = place('desk:\n  broker: { urls: ["mqtt://127.0.0.1:1"], username: desk, password: x }\n');
    expect(await outside.run([...outside.args, '--register', SITE])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('outside broker'),
    });
  });
});
