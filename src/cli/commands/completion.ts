/**
 * `hearthbeat completion bash|zsh|fish`: a completion script made from the commands themselves. Where a device is wanted the script asks
 * `hearthbeat completion devices`. Device names come from the LAN: no script ever evaluates one.
 */
import type { Command } from 'commander';
import { HearthbeatError } from '../../base/errors.ts';
import { readAgentView } from '../agent-view.ts';
import { type CliContext, EXIT } from '../context.ts';

type Word = { readonly word: string; readonly about: string };

/** One place on the command line: the commands so far (`''`, `device`, `device show`) and what may follow. */
type Place = { readonly path: string; readonly words: readonly Word[]; readonly wantsDevice: boolean };

export async function completion(context: CliContext, command: Command): Promise<number> {
  const shell = String(command.args[0]);
  if (shell === 'devices') return printDevices(context, command);
  const write = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (!write) throw new HearthbeatError('HB_USAGE', `There is no completion for "${shell}".`, 'Name one of: bash, zsh, fish.');
  const program = command.parent as Command;
  context.stdout.write(write(placesOf(program), valueOptions(program)));
  return EXIT.fine;
}

/** Names and addresses, one a line; nothing, and no error, where no agent has ever run. */
async function printDevices(context: CliContext, command: Command): Promise<number> {
  const devices = await readAgentView(context, command).then(
    ({ view }) => view.devices,
    () => [],
  );
  const words = new Set(devices.flatMap(({ name, ips }) => [name, ips[0]]).filter((word) => word !== undefined));
  context.stdout.write([...words].map((word) => `${word}\n`).join(''));
  return EXIT.fine;
}

function placesOf(command: Command, path = '', inherited: readonly Word[] = []): Place[] {
  const options = [...inherited, ...command.options.map((option) => ({ word: option.long ?? option.flags, about: option.description }))];
  const children = command.createHelp().visibleCommands(command);
  const commands = children.map((child) => ({ word: child.name(), about: child.description() }));
  const wantsDevice = command.registeredArguments.some((argument) => argument.name().endsWith('device'));
  const shells = command.name() === 'completion' ? Object.keys(SCRIPTS).map((word) => ({ word, about: `the script for ${word}` })) : [];
  const here = { path, words: [...commands, ...shells, ...options], wantsDevice };
  return [here, ...children.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim(), options))];
}

/** Options that are followed by a value: there the shell completes file names. */
function valueOptions(command: Command): string[] {
  const own = command.options.filter(({ required }) => required).flatMap(({ short, long }) => [short, long]);
  return [...new Set([...own, ...command.commands.flatMap(valueOptions)].filter((word) => word !== undefined && word !== null))];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const cases = (texts: readonly string[]): string => texts.map(quoted).join('|');
const pathsOf = (places: readonly Place[]): string => cases(places.flatMap(({ path }) => (path === '' ? [] : [path])));
const deviceCases = (places: readonly Place[]): string => cases(places.filter(({ wantsDevice }) => wantsDevice).map(({ path }) => path));

/** By hand rather than with `compgen -W`, which would run what a device's name says. */
function bashScript(places: readonly Place[], valued: readonly string[]): string {
  return `# bash completion of hearthbeat. To use it now: source <(hearthbeat completion bash)
_hearthbeat() {
  local at='' word words='' current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  case \${COMP_WORDS[COMP_CWORD-1]} in ${cases(valued)}) return ;; esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in ${pathsOf(places)}) at="\${at:+$at }$word" ;; esac
  done
  case $at in
${places.map(({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`).join('\n')}
  esac
  words=\${words// /$'\\n'}
  case $at in ${deviceCases(places)}) words+=$'\\n'$("\${COMP_WORDS[0]}" completion devices 2>/dev/null) ;; esac
  while IFS= read -r word; do
    printf -v word %q "$word"
    [[ $word == "$current"* && $word != "''" ]] && COMPREPLY+=("$word")
  done <<<"$words"
}
complete -o default -F _hearthbeat hearthbeat
`;
}

function zshScript(places: readonly Place[], valued: readonly string[]): string {
  const described = ({ word, about }: Word): string => quoted(`${word}:${about}`);
  return `#compdef hearthbeat
# zsh completion of hearthbeat. To use it now: source <(hearthbeat completion zsh)
_hearthbeat() {
  local at='' word
  local -a choices devices
  case $words[CURRENT-1] in ${cases(valued)}) _files; return ;; esac
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${at:+$at }$word" in ${pathsOf(places)}) at="\${at:+$at }$word" ;; esac
  done
  case $at in
${places.map(({ path, words }) => `    ${quoted(path)}) choices=(${words.map(described).join(' ')}) ;;`).join('\n')}
  esac
  case $at in ${deviceCases(places)})
    devices=("\${(@f)$("$words[1]" completion devices 2>/dev/null)}")
    compadd -a devices ;;
  esac
  _describe hearthbeat choices
}
compdef _hearthbeat hearthbeat
`;
}

function fishScript(places: readonly Place[], valued: readonly string[]): string {
  const lines = places.flatMap(({ path, words, wantsDevice }) => [
    ...words.map(({ word, about }) => `${fishRule(path)} -a ${quoted(word)} -d ${quoted(about)}`),
    ...(wantsDevice ? [`${fishRule(path)} -a '(hearthbeat completion devices 2>/dev/null)'`] : []),
  ]);
  return `# fish completion of hearthbeat. To use it now: hearthbeat completion fish | source
function __hearthbeat_at
    set -l at
    for word in (commandline -opc)[2..-1]
        contains -- (string join ' ' -- $at $word) ${places.flatMap(({ path }) => (path === '' ? [] : [quoted(path)])).join(' ')}; and set -a at $word
    end
    string join ' ' -- $at
end
function __hearthbeat_is_at
    not contains -- (commandline -opc)[-1] ${valued.join(' ')}; and test (__hearthbeat_at | string collect -a) = "$argv"
end
complete -c hearthbeat -n 'not contains -- (commandline -opc)[-1] ${valued.join(' ')}' -f
${lines.join('\n')}
`;
}

const fishRule = (path: string): string => `complete -c hearthbeat -n ${quoted(`__hearthbeat_is_at ${path}`.trim())}`;

const SCRIPTS: Readonly<Record<string, (places: readonly Place[], valued: readonly string[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
