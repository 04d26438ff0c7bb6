/** What a device is called in a sentence, the same in alerts, on the command line and on the page. */
import type { DeviceSummary } from './device.ts';

type Named = Pick<DeviceSummary, 'id' | 'name' | 'vendor' | 'model' | 'kind' | 'ips' | 'macs'>;

/** `Sonos One "Kitchen"`: the most that is known, in the order in which people say it, nothing twice. */
export function titleOf(device: Named): string {
  const product = productOf(device);
  const { name } = device;
  if (!name) return product || device.kind || 'Unnamed device';
  if (!product || contains(product, name)) return product || name;
  return contains(name, device.model ?? product) ? name : `${product} "${name}"`;
}

/** The title with where it is: `Sonos One "Kitchen" (192.168.1.20)`. */
export function titleAndPlace(device: Named): string {
  const place = device.ips[0] ?? device.macs[0];
  return place ? `${titleOf(device)} (${place})` : titleOf(device);
}

function productOf({ vendor, model }: Named): string {
  if (!model) return vendor ?? '';
  return !vendor || contains(model, vendor) ? model : `${vendor} ${model}`;
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
