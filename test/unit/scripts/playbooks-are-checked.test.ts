import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { playbookProblems } from '../../../scripts/playbook-rules.ts';
import { BLANKS } from '../../../src/desk/playbooks/blanks.ts';
import { builtInPlaybooks } from '../../../src/platform/playbook-files.ts';

const files = builtInPlaybooks();

/** The files that come with hearthbeat, with a change to one of them. */
function changed(name: string, change: (text: string) => string | undefined): string[] {
  return playbookProblems(
    files.flatMap(({ file, text }) => {
      const next = file === `${name}.md` ? change(text) : text;
      return next === undefined ? [] : [{ file, text: next }];
    }),
  );
}

describe('the playbooks that come with hearthbeat', () => {
  it('are in order: every alert and every kind has one, all are shown, all can be read', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(playbookProblems(files)).toEqual([]);
  });

  it.each([
    ['an alert without one', 'dns-down', () => undefined, 'the alert dns-down has no playbook'],
    ['a kind without one', 'generator-down', () => undefined, 'the kind generator has no playbook of its own for device-down'],
    [
      'a kind that there is not',
      'generator-down',
      (text: string) => text.replace('[generator]', '[generator, dynamo]'),
      'there is no kind "dynamo"',
    ],
    ['one that is never shown', 'dns-down', (text: string) => text.replace('[dns-down]', '[internet-down]'), 'it is never shown'],
    [
      'a step that is too long',
      'dns-down',
      (text: string) => text.replace('1. Wait', `1. ${'Wait '.repeat(30)}`),
      'longer than 140 characters',
    ],
    [
      'a meaning that is too long',
      'dns-down',
      (text: string) => text.replace('The line works', 'The line works and works '.repeat(8)),
      'more than 160 characters',
    ],
    [
      'a word of the trade',
      'dns-down',
      (text: string) => text.replace('1. Wait', '1. Read the ARP table and wait'),
      '"ARP" is a word of the trade',
    ],
    ['a blank that there is not', 'dns-down', (text: string) => text.replace('{since}', '{until}'), '{until} cannot be filled in'],
  ])('are not with %s', (_, name, change, problem) => {
    expect(changed(name, change).join('\n')).toContain(problem);
  });

  it('say in their README what can be filled in', () => {
    const readme = readFileSync(new URL('../../../config/playbooks/README.md', import.meta.url), 'utf8').replaceAll('\n', ' ');
    for (const blank of BLANKS) expect(readme).toContain(`\`{${blank}}\``);
  });
});
