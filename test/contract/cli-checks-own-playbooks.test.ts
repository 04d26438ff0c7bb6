/** `hearthbeat config check` tells whoever writes playbooks of his own all that is wrong with them; a desk starts all the same (desk/main.ts). */
import { expect, it, onTestFinished } from 'vitest';
import { workplace } from '../fakes/command.ts';

const GOOD = [
  '---\ntitle: Ours\nfor: {alerts: [dns-down]}\ntier: basic\nread: 2026-11-23\n---\nOurs.\n',
  '## Look first\n\n1. Call us about {device}.\n',
  '## Never\n\n- Wait.\n',
  '## Hand over\n\n- Now.\n',
  '## Over when\n\n- We say so.\n',
].join('\n');

it('config check says that own playbooks are fine, or all that is wrong with them, each with file and line', {
  timeout: 60_000,
}, async () => {
  const place = workplace(onTestFinished);
  place.file('ours.md', GOOD);
  const config = place.file('hearthbeat.yaml', `desk: {playbooks: ${place.folder}}\n`);
  expect(await place.run(['--config', config, 'config', 'check'])).toMatchObject({ code: 0, stdout: expect.stringContaining('is fine') });
  place.file('bad.md', GOOD.replace('{device}', '{devise}').replace('Wait.', '<b>Wait</b>'));
  const refused = await place.run(['--config', config, 'config', 'check']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /has 2 problems:\n {2}line 11: bad\.md: \{devise\} cannot be filled in.*\n {2}line 15: bad\.md: HTML is not taken/,
  );
  const told = await place.run(['--json', '--config', config, 'config', 'check']);
  expect(JSON.parse(told.stdout)).toMatchObject({
    ok: false,
    problems: [
      { path: 'bad.md', line: 11 },
      { path: 'bad.md', line: 15 },
    ],
  });
});
