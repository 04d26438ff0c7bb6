/** A device of nobody's own as people see it, of which nothing is known but what the test says. */
import type { DeviceSummary } from '../../src/agent/inventory/device.ts';

export function deviceSummary(known: Partial<DeviceSummary> & Pick<DeviceSummary, 'id'>): DeviceSummary {
  return {
    ips: [],
    macs: [],
    seenBy: [],
    because: [],
    services: [],
    personal: false,
    isGateway: false,
    firstSeenAt: 0,
    lastSeenAt: 0,
    ...known,
  };
}
