/** Takes the right playbook from the library for alerts and fills it in with what the desk knows. Pure: who asks brings device and home. */
import type { ShownAlert } from '../../web/playbook-block.ts';
import type { AlertView, DeviceView, SiteView } from '../views.ts';
import { type FilledPlaybook, fillPlaybook } from './fill.ts';
import type { Library } from './library.ts';

/** What is known of homes and devices, by their ids. */
export type Around = {
  site(id: string): SiteView | undefined;
  device(site: string, id: string): DeviceView | undefined;
};

/** On one page: the others have theirs on a page of its own, one link away. Each weighs some 4 kB. */
export const PLAYBOOKS_ON_A_PAGE = 12;

export function playbookFor(library: Library, alert: AlertView, around: Around): FilledPlaybook | undefined {
  const device = alert.device === undefined ? undefined : around.device(alert.site, alert.device);
  const playbook = library.pick(alert.code, device?.isGateway ? 'router' : device?.kind);
  return playbook && fillPlaybook(playbook, { alert, device, site: around.site(alert.site) });
}

/** The same alerts, the first of them with their playbooks. */
export function withPlaybooks(library: Library, alerts: readonly AlertView[], around: Around): ShownAlert[] {
  if (library.playbooks.length === 0) return [...alerts];
  return alerts.map((alert, i) => {
    const playbook = i < PLAYBOOKS_ON_A_PAGE ? playbookFor(library, alert, around) : undefined;
    return { ...alert, hasPlaybook: true, ...(playbook && { playbook }) };
  });
}
