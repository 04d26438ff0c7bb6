import { expect, test } from 'vitest';
import { asNamedOutside } from '../../../../src/agent/inventory/personal.ts';
import { summarise } from '../../../../src/agent/inventory/summary.ts';
import { deviceMessage } from '../../../../src/agent/outbox/state-messages.ts';
import { from, home } from '../inventory/hearing.ts';

const APPLE = '88:b2:91:00:00:01';
const proxy = from('192.168.1.40');
/** RFC 6762 appendix, Bonjour Sleep Proxy: the records of the Mac that sleeps, from the address of the Apple TV. */
const laptop = (second: number) => {
  const instance = 'Anna’s MacBook Air';
  const txt = { model: 'Mac14,2', srcvers: '770.8.1', serialNumber: 'C02ANNA12345' };
  return proxy.says(second, 'annas-macbook-air', { type: '_airplay._tcp', instance, txt }, { type: '_smb._tcp', instance });
};

test.each([
  [
    'beside the proxy’s own words',
    [proxy.says(1, 'living-room', { type: '_airplay._tcp', instance: 'Living Room', txt: { model: 'AppleTV14,1' } })],
  ],
  ['where the proxy itself says little', [proxy.says(1, 'living-room', { type: '_mediaremotetv._tcp', instance: ' ' })]],
])('%s', (_, own) => {
  const lan = home();
  lan.hear(1, proxy.is(APPLE, 1), ...own);
  lan.hear(60, proxy.is(APPLE, 60), laptop(60));
  const summary = summarise(lan.byMac(APPLE));
  const message = JSON.stringify([deviceMessage(summary), asNamedOutside(summary).name]);
  expect(JSON.stringify(lan.byMac(APPLE).facts), 'the house knows').toMatch(/MacBook/);
  expect(message).not.toMatch(/anna|macbook|Mac14/i);
});
