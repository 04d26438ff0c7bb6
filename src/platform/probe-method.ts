/** What each way of probing gives the prober. */
import type { ProbeRequest, ProbeResult } from '../agent/health/probe.ts';

export type Verdict = Pick<ProbeResult, 'outcome' | 'rttMs' | 'detail'>;

/** Resolves by `timeoutMs` and a little, whatever happens; never rejects. */
export type Probe = (request: ProbeRequest) => Promise<Verdict>;
