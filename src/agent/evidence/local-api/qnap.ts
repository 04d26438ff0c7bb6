/** QNAP NAS: the login interface tells model and firmware before any login, to whoever reads it without a name and password. */
import { utf8 } from '../byte-reader.ts';
import type { Finding } from '../reader.ts';
import { toldFields } from '../told.ts';
import { elementText } from '../xml-text.ts';
import { localApiReader } from './local-api.ts';

const WANTED = [
  'modelName',
  'internalModelName',
  'displayModelName',
  'customModelName',
  'platform',
  'version',
  'number',
  'build',
  'hostname',
];

export const qnapReader = localApiReader({
  name: 'qnap',
  about: 'Asks a QNAP NAS for its model, firmware and name; nobody is logged in.',
  signs: { services: ['_qdiscover._tcp'], makers: /^qnap/i },
  // QTS has its pages on 8080, and 443 where only TLS is allowed.
  doors: [{ port: 8080 }, { port: 443, tls: true }, { port: 80 }],
  paths: ['/cgi-bin/authLogin.cgi'],
  parse: parseQnap,
});

export function parseQnap(body: Uint8Array): Finding | undefined {
  const xml = withoutCdata(utf8(body.subarray(0, 16_384)));
  if (!xml.includes('<QDocRoot')) return undefined;
  const fields = toldFields(Object.fromEntries(WANTED.map((name) => [name, elementText(xml, name)])));
  return fields.modelName === undefined && fields.internalModelName === undefined ? undefined : { fields };
}

/** Every value is written `<![CDATA[TS-453D]]>`. */
function withoutCdata(xml: string): string {
  return xml.replaceAll('<![CDATA[', '').replaceAll(']]>', '');
}
