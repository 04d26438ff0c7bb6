/** Which addresses of a network a sweep asks, and in what portions. Pure; src/platform/udp-sweep.ts does the asking. */
import { formatSubnet, hostAddresses } from '../../base/ip-address.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { LanInterface } from './sighting.ts';

/** The widest subnet that is swept without being asked to: 1022 addresses, four batches, about 13 s. */
const WIDEST_PREFIX = 22;

/** Wider than this a sweep would take over 14 minutes and 65,000 broadcasts: never. */
const WIDEST_PREFIX_ON_REQUEST = 16;

/**
 * The kernel keeps at most gc_thresh3 (1024) neighbours, for all its namespaces together, and drops more without an error:
 * 2,046 questions at once left 509 entries, 256 at a time lost none.
 */
const BATCH_SIZE = 256;

/** The batches to ask one after the other, without the hub's own address; or, in words, why this network is not swept. */
export function planSweep(lan: LanInterface, options: { large?: boolean } = {}): Result<readonly (readonly string[])[], string> {
  const subnet = { address: lan.address, prefixLength: lan.prefixLength };
  const widest = options.large ? WIDEST_PREFIX_ON_REQUEST : WIDEST_PREFIX;
  if (lan.prefixLength < widest) {
    return err(
      `${formatSubnet(subnet)} has ${2 ** (32 - lan.prefixLength) - 2} addresses, a sweep ${options.large ? 'stops' : 'without being asked to stops'} at /${widest}`,
    );
  }
  const addresses = hostAddresses(subnet).filter((ip) => ip !== lan.address);
  return ok(
    Array.from({ length: Math.ceil(addresses.length / BATCH_SIZE) }, (_, i) => addresses.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE)),
  );
}
