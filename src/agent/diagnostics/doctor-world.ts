/** What `hearthbeat doctor` concludes about the world beyond the LAN: internet, the running agent, its uplink. Pure. */

import { NOT_THE_INTERNET } from '../health/captivity.ts';
import type { UplinkStatus } from '../outbox/uplink.ts';
import type { AnchorResult, ProofResult } from '../ports.ts';
import { type Finding, ok, problem, skipped, warning } from './doctor-check.ts';
import type { AgentView } from './view.ts';

/** `proofs`: of the places that have a certificate to show. */
export function judgeInternet(anchors: readonly AnchorResult[], proofs: readonly ProofResult[] = []): Finding {
  if (anchors.length === 0) return skipped('No anchors are set (internet.anchors).');
  const answered = anchors.filter(({ outcome }) => outcome === 'answered');
  const instead = answersInstead(proofs);
  if (answered.length > 0 && instead !== undefined) return problem(`${NOT_THE_INTERNET} ${instead}.`, SIGN_IN, ['interfaces', 'gateway']);
  if (answered.length > 0)
    return ok(`${answered.length} of ${anchors.length} anchors answer: ${answered.map(({ anchor }) => anchor).join(', ')}.`);
  return problem(
    `Nothing on the internet answers: ${anchors.map(({ anchor, detail }) => `${anchor} (${detail})`).join(', ')}.`,
    "The router is there but the line is not: look at the modem's lights, then ask the internet provider.",
    ['interfaces', 'gateway'],
  );
}

const SIGN_IN = 'Open any http:// page in a browser of this home and sign in, accept or pay where it asks; else ask the internet provider.';

/** What shows in the place of the internet; undefined where one place proves itself, or none of them shows anything else. */
export function answersInstead(proofs: readonly ProofResult[]): string | undefined {
  const shown = [...new Set(proofs.flatMap(({ instead }) => instead ?? []))];
  return shown.length === 0 || proofs.some(({ outcome }) => outcome === 'proven') ? undefined : shown.slice(0, 2).join(', ');
}

/** `answeredInMs`: how long the running agent took to answer; undefined when none runs with this data folder. */
export type AgentFacts = { readonly view: AgentView; readonly answeredInMs: number };

const SLOW_MS = 1000;

export function judgeAgent(facts: AgentFacts | undefined, ownVersion: string): Finding {
  if (facts === undefined)
    return warning(
      'No agent runs with this data folder: nothing is watched.',
      'Start it: hearthbeat up (or the service: sudo systemctl start hearthbeat-agent). If it runs, name its folder with --data.',
    );
  const { view, answeredInMs } = facts;
  const lagMs = Math.max(answeredInMs, ...view.devices.map(({ evidence }) => evidence.hub.eventLoopLagMs));
  const summary = `It watches ${view.devices.length} devices, version ${view.version}, answered in ${Math.round(answeredInMs)} ms, latest event-loop lag ${Math.round(lagMs)} ms`;
  if (view.storeProblem !== undefined)
    return problem(`${summary}, but cannot save: ${view.storeProblem}`, 'See "data" and "database" above.', ['data', 'database']);
  if (lagMs >= SLOW_MS)
    return warning(`${summary}: this machine is too busy, and silence of devices is not believed.`, 'Find what keeps it busy: top');
  if (view.version !== ownVersion) return warning(`${summary}; this command is version ${ownVersion}.`, 'Restart the agent.');
  return ok(`${summary}.`);
}

/** `status` of the running agent; undefined when none runs. */
export function judgeUplink(isDeskSet: boolean, facts: AgentFacts | undefined): Finding {
  if (facts === undefined) return skipped('No agent runs.');
  const { uplink } = facts.view;
  if (uplink === undefined)
    return skipped(
      isDeskSet ? 'The agent was started before a desk was set: restart it.' : 'No desk is set: the agent works for this house alone.',
    );
  if (uplink.granted) return ok(`Connected to the desk, ${waitingWords(uplink)}.`);
  return problem(
    `${uplink.problem ?? 'The desk has not answered yet.'} ${capital(waitingWords(uplink))}; nothing is lost.`,
    'Nothing to do here unless it lasts: then ask the support desk.',
    ['gateway', 'internet', 'dns', 'broker'],
  );
}

const waitingWords = ({ waiting }: UplinkStatus): string => (waiting.count === 0 ? 'nothing waits' : `${waiting.count} entries wait`);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
