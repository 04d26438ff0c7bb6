/** All playbooks of a desk: which one is for an alert about a kind of device, and which are for none because others are always nearer. Pure. */
import { ALERT_CODES, type AlertCode } from '../../protocol/alert-catalogue.ts';
import { type Playbook, readPlaybook } from './playbook.ts';

/** What is wrong with a file; `line` 1 where it is about the file as a whole. */
export type PlaybookProblem = { readonly file: string; readonly line: number; readonly message: string };

/** A file as it was read: its name without folder. */
export type PlaybookFile = { readonly file: string; readonly text: string };

export type Library = {
  /** By name. */
  readonly playbooks: readonly Playbook[];
  /** Of the files of the own folder. */
  readonly problems: readonly PlaybookProblem[];
  named(name: string): Playbook | undefined;
  /** The nearest: for this alert and kind, for this alert, for this kind; among equally near ones an own one, then the first by name. */
  pick(code: AlertCode, kind: string | undefined): Playbook | undefined;
};

export const NO_PLAYBOOKS: Library = { playbooks: [], problems: [], named: () => undefined, pick: () => undefined };

/** Own files win over those that come with hearthbeat: by their name, and where they are for the same. One that is wrong is left out and told of. */
export function createLibrary(
  comesAlong: readonly PlaybookFile[],
  own: readonly PlaybookFile[],
  unread: readonly PlaybookProblem[] = [],
): Library {
  const [given, theirs] = [readAll(comesAlong, 'hearthbeat'), readAll(own, 'own')];
  const byName = new Map([...given.playbooks, ...theirs.playbooks].map((playbook) => [playbook.name, playbook]));
  const playbooks = [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const pick = (code: AlertCode, kind: string | undefined): Playbook | undefined => nearest(playbooks, code, kind);
  const kinds = new Set(given.playbooks.flatMap((playbook) => playbook.kinds));
  const problems = [...unread, ...given.problems, ...theirs.problems, ...theirs.playbooks.flatMap((each) => unknownKinds(each, kinds))];
  const unused = shadowed(playbooks).filter(({ from }) => from === 'own');
  return {
    playbooks,
    problems: [
      ...problems,
      ...unused.map(({ name }) => ({ file: `${name}.md`, line: 1, message: 'it is never shown: others are nearer to all that it is for' })),
    ],
    named: (name) => byName.get(name),
    pick,
  };
}

function readAll(files: readonly PlaybookFile[], from: Playbook['from']): { playbooks: Playbook[]; problems: PlaybookProblem[] } {
  const read = files.map(({ file, text }) => ({ file, result: readPlaybook(file.replace(/\.md$/, ''), text, from) }));
  return {
    playbooks: read.flatMap(({ result }) => (result.ok ? [result.value] : [])),
    problems: read.flatMap(({ file, result }) => (result.ok ? [] : result.error.map((problem) => ({ file, ...problem })))),
  };
}

/** The playbooks that come along name every kind there is. */
function unknownKinds({ name, kinds }: Playbook, known: ReadonlySet<string>): PlaybookProblem[] {
  const unknown = known.size === 0 ? [] : kinds.filter((kind) => !known.has(kind));
  return unknown.map((kind) => ({ file: `${name}.md`, line: 1, message: `no device is of the kind "${kind}": it is never shown for one` }));
}

function nearest(playbooks: readonly Playbook[], code: AlertCode, kind: string | undefined): Playbook | undefined {
  let best: { readonly playbook: Playbook; readonly near: number } | undefined;
  for (const playbook of playbooks) {
    const near = nearness(playbook, code, kind);
    if (near > (best?.near ?? 0)) best = { playbook, near };
  }
  return best?.playbook;
}

/** 0: it is not for this at all. */
function nearness({ alerts, kinds, from }: Playbook, code: AlertCode, kind: string | undefined): number {
  if (alerts.length > 0 && !alerts.includes(code)) return 0;
  if (kinds.length > 0 && (kind === undefined || !kinds.includes(kind))) return 0;
  return (alerts.length > 0 ? 4 : 0) + (kinds.length > 0 ? 2 : 0) + (from === 'own' ? 1 : 0);
}

/** Those that no alert about any kind that any of them names is answered with. */
export function shadowed(playbooks: readonly Playbook[]): Playbook[] {
  const kinds = [undefined, ...new Set(playbooks.flatMap((playbook) => playbook.kinds))];
  const shown = new Set(ALERT_CODES.flatMap((code) => kinds.map((kind) => nearest(playbooks, code, kind))));
  return playbooks.filter((playbook) => !shown.has(playbook));
}
