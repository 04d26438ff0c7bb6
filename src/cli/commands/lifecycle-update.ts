/** `hearthbeat lifecycle update FILE`: takes a newer signed edition of the catalogue, or says why not; then the one in use stays. */
import type { Command } from 'commander';
import { type Edition, editionName, LARGEST_EDITION, type Refusal, replaces } from '../../agent/lifecycle/edition.ts';
import { type Accepted, type Changes, changesBetween, judgeNextEdition } from '../../agent/lifecycle/next-edition.ts';
import { HearthbeatError } from '../../base/errors.ts';
import type { Result } from '../../base/result.ts';
import { isClockSynchronised } from '../../platform/clock-synchronisation.ts';
import {
  type EditionInUse,
  keepEdition,
  readEditionInUse,
  readKeyFile,
  trustedKeys,
  whileHolding,
} from '../../platform/lifecycle-store.ts';
import { systemClock } from '../../platform/system-clock.ts';
import { readGiven } from '../../platform/whole-file.ts';
import { type CliContext, EXIT, printJson } from '../context.ts';
import { lifecyclePlace } from '../lifecycle-place.ts';

type Flags = { readonly key?: string; readonly json?: boolean };

export async function lifecycleUpdate(context: CliContext, command: Command): Promise<number> {
  const { key: keyFile, json } = command.optsWithGlobals<Flags>();
  const file = String(command.args[0]);
  const place = lifecyclePlace(context, command);
  const given = keyFile === undefined ? [] : [readKeyFile(keyFile)];
  const bytes = readGiven(file, LARGEST_EDITION, 'signed edition of the lifecycle catalogue');

  const before = readEditionInUse(place);
  const accepted = <T>(judged: Result<T, Refusal>, inUse: EditionInUse): T => {
    if (judged.ok) return judged.value;
    const { why, fix } = judged.error;
    throw new HearthbeatError('HB_CATALOGUE_REFUSED', `${file} ${why}. The catalogue in use stays (${editionName(inUse.serial)}).`, fix);
  };
  const { is, edition } = accepted(judgeNextEdition(bytes, [...trustedKeys(place), ...given], before), before);
  if (is === 'newer') {
    const newKey = given.find(({ id }) => id === edition.key.id);
    const now = (await isClockSynchronised()) === true ? systemClock.now().wallMs : undefined;
    whileHolding(place.folder, () => {
      // Again, now that nobody else may write: another process may have brought a newer one meanwhile.
      const inUse = readEditionInUse(place);
      accepted(replaces(edition.header, inUse, now), inUse);
      keepEdition(place.folder, bytes, newKey);
    });
  }
  const changes = changesBetween(before.rows, edition.rows);
  if (json) printJson(context, documentOf(is, edition, before, changes));
  else context.stdout.write(`${wordsOf(is, edition, before, changes)}\n`);
  return EXIT.fine;
}

function documentOf(is: Accepted['is'], { header, key }: Edition, before: EditionInUse, changes: Changes) {
  const { serial, facts } = header;
  return {
    ok: true,
    taken: is === 'newer',
    serial,
    facts,
    signedBy: { id: key.id, name: key.name },
    before: { serial: before.serial },
    changes,
  };
}

function wordsOf(is: Accepted['is'], { header, key }: Edition, before: EditionInUse, { added, changed, gone }: Changes): string {
  const name = editionName(header.serial);
  if (is === 'same') return `The catalogue in use is this one already: ${name}, ${header.facts} facts.`;
  const news = [added && `${added} new`, changed && `${changed} changed`, gone && `${gone} gone`].filter(Boolean).join(', ');
  return `The catalogue in use is now that of ${name}, signed by ${key.name}: ${header.facts} facts, ${news || 'none of them new'} since ${editionName(before.serial)}.`;
}
