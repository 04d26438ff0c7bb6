/** That the hub's memory was damaged, told once: what is missing in it, and that its card may be dying. */
import type { Instant } from '../../base/clock.ts';
import { ALERT_CATALOGUE } from '../../protocol/alert-catalogue.ts';
import { type Rebuilt, rebuiltWords } from '../rebuilt.ts';
import type { Alert } from './alerts.ts';

/** Raised and over in one message, for there is nothing to wait for. */
export function rebuiltAlert(rebuilt: Rebuilt, { wallMs }: Instant): Alert {
  const { code, severity, title } = ALERT_CATALOGUE['storage-rebuilt'];
  const at = Math.round(wallMs);
  return {
    key: `${code}:${rebuilt.at}`,
    code,
    severity,
    title: title(''),
    text: `${rebuiltWords(rebuilt)} Its memory card may be wearing out: replace it at the next visit.`.slice(0, 2048),
    raisedAt: at,
    actionableAt: at,
    clearedAt: at,
  };
}
