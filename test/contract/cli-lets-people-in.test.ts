/** Whoever has a shell on the desk's machine lets people in, also while the desk runs, and whoever asks without being let in hears nothing. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { idOf } from '../builders/entries.ts';
import { PASSWORD } from '../fakes/access-world.ts';
import { workplace } from '../fakes/command.ts';

const SITE = idOf(3);

it('hearthbeat desk prints a first link, makes accounts and tokens, and takes them back', { timeout: 60_000 }, async () => {
  const port = 21_580 + Math.floor(Math.random() * 20) * 2;
  const here = workplace(onTestFinished);
  const settings = here.file('hearthbeat.yaml', `desk:\n  page: { port: ${port} }\n  broker: { port: ${port + 1} }\n`);
  const flags = ['--config', settings, '--data', join(here.folder, 'data'), '--json'];
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await here.run(['desk', ...args, ...flags]);
    return { code, said: JSON.parse(stdout || stderr) as Record<string, never> & { link: string; token: string; id: string } };
  };
  const desk = here.start(['desk', ...flags]);
  await desk.said('firstLink');
  await expect.poll(() => desk.stdout()).toContain('\n}');
  const { firstLink } = JSON.parse(desk.stdout()) as { firstLink: { url: string } };
  expect(firstLink.url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/links/`));
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: 'manual' });
  expect([(await ask('/api/v1/sites')).status, (await ask('/')).status]).toEqual([401, 303]);

  await run('--register', SITE, '--name', 'Villa');
  expect(await run('invite', 'ann', '--role', 'boss', '--all')).toMatchObject({ code: 2 });
  const { said: invited } = await run('invite', 'ann', '--full-name', 'Ann Oak', '--role', 'dealer', '--site', SITE);
  expect(invited.link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/links/[\\w-]{43}$`));
  const body = new URLSearchParams({ password: PASSWORD, again: PASSWORD });
  const chosen = await fetch(invited.link, { method: 'POST', body, redirect: 'manual' });
  const cookie = (chosen.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  expect(await (await ask('/api/v1/me', { cookie })).json()).toMatchObject({ name: 'Ann Oak', role: 'dealer', sees: 'some' });
  expect((await run('accounts')).said).toMatchObject({ people: [{ signInName: 'ann', state: 'active', reach: { sites: [SITE] } }] });

  const { said: made } = await run('token', 'create', 'report', '--role', 'agent', '--all', '--days', '2');
  const authorization = `Bearer ${made.token}`;
  expect(await (await ask('/api/v1/sites', { authorization })).json()).toMatchObject({ sites: [{ id: SITE }] });
  expect((await run('token', 'list')).said).toMatchObject({ tokens: [{ title: 'report', role: 'agent', reach: 'all' }] });
  await run('token', 'revoke', made.id);
  expect((await ask('/api/v1/sites', { authorization })).status).toBe(401);

  expect(await run('time', '2026-11')).toEqual({ code: 0, said: { month: '2026-11', lines: [], homes: [] } });

  expect([(await run('pack', 'x')).code, (await run('pack', '7')).code]).toEqual([2, 1]);
  expect((await run('statement', '--month', '2026-11')).said).toEqual({ month: '2026-11', homes: [], dealers: [] });

  const described = { openapi: '3.1.0', servers: [{ url: `http://127.0.0.1:${port}` }], paths: { '/api/v1/sites': {} } };
  expect((await run('openapi')).said).toMatchObject(described);

  expect((await run('forget', SITE, '--reason', 'left')).said).toMatchObject({ isForgotten: false, tables: { site: 1, home_word: 4 } });
  expect((await run('forget', SITE, '--reason', 'left', '--yes')).said).toMatchObject({ isForgotten: true, tables: { site: 1, reach: 1 } });
  expect(await (await ask('/api/v1/sites', { cookie })).json()).toEqual({ sites: [] });

  await run('disable', 'ann');
  expect((await ask('/api/v1/me', { cookie })).status).toBe(401);
  expect(await run('link', 'ann')).toMatchObject({ code: 2 });
});
