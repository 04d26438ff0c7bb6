/** What `hearthbeat doctor` concludes about the UniFi console that the settings name: whether it takes the key, and is still the same one. Pure. */
import type { ManagedDevice } from '../evidence/unifi-devices.ts';
import { type Finding, ok, problem, warning } from './doctor-check.ts';

export type ConsoleFacts =
  | { readonly outcome: 'told'; readonly devices: readonly ManagedDevice[]; readonly leftOut: number }
  | { readonly outcome: 'other-certificate'; readonly fingerprint: string }
  | { readonly outcome: 'refused' | 'unlike' | 'silent'; readonly why: string }
  | { readonly outcome: 'off-link' };

const NEW_KEY =
  'Make a new key in UniFi Network, Integrations, and put it where the old one is (unifi.keyFile, or HEARTHBEAT_UNIFI_KEY); then restart the agent.';

export function judgeConsole(ip: string, facts: ConsoleFacts): Finding {
  const console = `The UniFi console ${ip}`;
  switch (facts.outcome) {
    case 'told':
      return told(console, facts);
    case 'refused':
      return problem(`${console} refuses the key: ${facts.why}.`, NEW_KEY);
    case 'other-certificate':
      return problem(
        `${console} shows another certificate than it should, so the key was not sent to it.`,
        `Where it was renewed or the console replaced, set unifi.fingerprint to ${facts.fingerprint}. Else find out what answers there.`,
      );
    case 'off-link':
      return problem(`${console} is in no network of this hub, so it is not asked.`, 'Set unifi.url to its address in this LAN.');
    case 'unlike':
      return problem(`${console} does not answer as one: ${facts.why}.`, 'See that unifi.url and unifi.site are right.');
    default:
      return problem(`${console} does not answer: ${facts.why}.`, 'See that unifi.url is right, and that the console runs.', [
        'interfaces',
      ]);
  }
}

function told(console: string, { devices, leftOut }: Extract<ConsoleFacts, { outcome: 'told' }>): Finding {
  const ended = devices.filter(({ fields }) => fields.endOfLife === 'yes').length;
  const count = `${devices.length} device${devices.length === 1 ? '' : 's'}`;
  const summary = `${console} takes the key and tells of ${count}${ended > 0 ? `, ${ended} at their end` : ''}.`;
  if (leftOut === 0) return ok(summary);
  return warning(`${summary} ${leftOut} more could not be read.`, 'Please report this, with the version of the console.');
}
