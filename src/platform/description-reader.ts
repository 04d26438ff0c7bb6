/** From the LOCATION of an SSDP message to a UPnP sighting: judged, planned, fetched, read. What is refused or fails is counted, with its reason in the log. */
import type { CoverageBook } from '../agent/discovery/coverage.ts';
import { judgeLocation } from '../agent/discovery/fetch-guard.ts';
import { type Fetch, FetchPlan } from '../agent/discovery/fetch-plan.ts';
import type { LanInterface, UpnpSighting } from '../agent/discovery/sighting.ts';
import { readDescription } from '../agent/discovery/upnp-description.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { fetchDescription } from './http-description.ts';

export type DescriptionReader = {
  /** A device at `ip` says its description is at `location`. */
  want(lan: LanInterface, ip: string, location: string): void;
  readonly idle: boolean;
  clear(): void;
};

type Tools = { readonly clock: Clock; readonly log: Log; readonly coverage: CoverageBook; tell(sighting: UpnpSighting): void };

export function createDescriptionReader(tools: Tools): DescriptionReader {
  const plan = new FetchPlan();
  const fetchNext = (): void => {
    for (let fetch = plan.next(); fetch; fetch = plan.next()) {
      void readOne(fetch, tools).finally(() => {
        plan.done();
        fetchNext();
      });
    }
  };
  return {
    want(lan, ip, location) {
      const verdict = judgeLocation(location, { sender: ip, interface: lan });
      if (!verdict.ok) return refuse(tools, lan.name, ip, verdict.why);
      if (plan.want({ interface: lan.name, localAddress: lan.address, ip, location, target: verdict.target }, tools.clock.now().monoMs))
        fetchNext();
    },
    get idle() {
      return plan.idle;
    },
    clear: () => plan.clear(),
  };
}

async function readOne(fetch: Fetch, tools: Tools): Promise<void> {
  tools.coverage.asked(fetch.interface, 'upnp', tools.clock.now().monoMs);
  const xml = await fetchDescription(fetch.target, fetch.localAddress);
  const facts = xml.ok ? readDescription(xml.value) : xml;
  if (!facts.ok) return refuse(tools, fetch.interface, fetch.ip, facts.error);
  const at = tools.clock.now();
  tools.coverage.answered(fetch.interface, 'upnp', fetch.ip, at.monoMs);
  tools.tell({ method: 'upnp', at, interface: fetch.interface, ip: fetch.ip, location: fetch.location, ...facts.value });
}

function refuse(tools: Tools, interfaceName: string, ip: string, why: string): void {
  tools.coverage.refused(interfaceName, 'upnp');
  tools.log.debug('UPnP description not read', { interface: interfaceName, ip, why });
}
