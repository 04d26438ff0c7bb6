// The rules that no linter knows: what may not stand in a file of this repository, and what to do instead. Pure: text in, findings out.

export interface Finding {
  file: string;
  line: number;
  rule: string;
  instead: string;
}

interface Rule {
  name: string;
  /** What must not occur; with the global flag. */
  pattern: RegExp;
  /** Paths it holds for, and those among them it does not. */
  in: RegExp;
  except?: RegExp;
  /** Comments may say it; for rules about code. */
  codeOnly?: boolean;
  instead: string;
}

const CODE = /^src\/.*\.ts$/;
const EDGE = /^src\/platform\/|^src\/web\/client\/|\/main\.ts$/;
/** The virtual clock gives Node a turn, without waiting, so that promises settle before it moves on: it is where timers come from in a simulation. */
const EDGE_OR_VIRTUAL_CLOCK = new RegExp(`${EDGE.source}|^src/simulation/virtual-clock\\.ts$`);

export const RULES: readonly Rule[] = [
  {
    name: 'no-clock-outside-platform',
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\.hrtime\b/g,
    in: CODE,
    except: EDGE,
    codeOnly: true,
    instead: 'take a Clock (base/clock.ts) or the instant `now` as an argument',
  },
  {
    name: 'no-timer-outside-platform',
    pattern: /\b(?:setTimeout|setInterval|setImmediate)\(|from 'node:timers/g,
    in: CODE,
    except: EDGE_OR_VIRTUAL_CLOCK,
    codeOnly: true,
    instead: 'use clock.setTimer, sleep or every (base/clock.ts), so that a test can move the time',
  },
  {
    name: 'no-randomness-outside-platform',
    pattern: /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\brandomInt\b|\bgetRandomValues\b/g,
    in: CODE,
    except: EDGE,
    codeOnly: true,
    instead: 'take a Random (base/random.ts) as an argument, so that a seed repeats the run',
  },
  {
    name: 'no-socket-outside-platform',
    // isIP and BlockList only look at text; everything else of node:net opens something.
    pattern:
      /import (?!type)(?!\{ (?:(?:type \w+|isIP|isIPv4|isIPv6|BlockList)(?:, )?)+ \}).* from 'node:net'|(?:\bawait |\breturn |=>? ?|\()fetch\(|\bnew WebSocket\(/g,
    in: CODE,
    except: EDGE,
    codeOnly: true,
    instead: 'put the call into src/platform/ behind an interface of agent/ports.ts',
  },
  {
    name: 'no-registry-host',
    pattern: /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\b[\w.-]*(?:npmmirror|artifactory|verdaccio)[\w-]*\.[a-z]{2,}/g,
    in: /./,
    instead: 'leave it out: everyone installs from whichever registry their npm is set up with',
  },
  {
    name: 'no-address-in-the-lock-file',
    pattern: /"resolved": "(?!vendor\/)/g,
    in: /(^|\/)package-lock\.json$/,
    instead: 'make the lock file with omit-lockfile-registry-resolved=true (.npmrc sets it)',
  },
  {
    name: 'no-path-of-one-machine',
    pattern: /(?<![\w./-])\/(?:home|Users|work|workspace)\/[\w.-]+|\.\.\/shared\//g,
    in: /./,
    except: /^src\/.*\.ts$/,
    instead: 'write the path relative to the repository, or take it from the configuration',
  },
];

/** Everything in the text that breaks a rule. `ofThisMachine` are words that name the machine we are on (its checkout's path ...). */
export function findingsIn(file: string, text: string, ofThisMachine: readonly string[] = []): Finding[] {
  const byRule = RULES.filter((rule) => rule.in.test(file) && !rule.except?.test(file)).flatMap((rule) => {
    const searched = rule.codeOnly ? withoutComments(text) : text;
    return [...searched.matchAll(rule.pattern)].map((match) => finding(file, searched, match.index, rule.name, rule.instead));
  });
  const words = ofThisMachine.flatMap((word) => {
    const at = text.indexOf(word);
    return at < 0 ? [] : [finding(file, text, at, 'no-name-of-this-machine', 'leave it out: it means nothing on any other machine')];
  });
  return [...byRule, ...words];
}

function finding(file: string, text: string, at: number, rule: string, instead: string): Finding {
  return { file, line: text.slice(0, at).split('\n').length, rule, instead };
}

/** Comments become spaces, line breaks stay, so that line numbers do. */
function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
}
