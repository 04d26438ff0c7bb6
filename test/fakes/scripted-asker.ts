/** An asker in front of a device that answers by a list: what is not listed is silent. Remembers every question. */
import type { Asker, CertificateFacts, HttpAnswer } from '../../src/agent/evidence/reader.ts';

export type Script = {
  /** By `PORT /path`, over TLS `PORT tls /path`: a body that is served with 200, or the whole answer. */
  readonly http?: Readonly<Record<string, string | (Partial<Omit<HttpAnswer, 'body'>> & { readonly body?: string })>>;
  /** By port: what is said back to whoever says something. */
  readonly says?: Readonly<Record<number, string>>;
  readonly certificates?: Readonly<Record<number, Partial<CertificateFacts>>>;
};

const DAY_MS = 86_400_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function scriptedAsker({ http = {}, says = {}, certificates = {} }: Script): { ask: Asker; asked: string[] } {
  const asked: string[] = [];
  const ask: Asker = {
    connects: async () => 'silent',
    datagram: async () => undefined,
    async conversation(port, { send }) {
      asked.push(`${port} ${new TextDecoder().decode(send).trim()}`);
      return says[port] === undefined ? undefined : bytes(says[port]);
    },
    async http({ port, tls, path, method = 'GET' }) {
      const key = `${port} ${tls ? 'tls ' : ''}${path}`;
      asked.push(method === 'GET' ? key : `${method} ${key}`);
      const answer = http[key];
      if (answer === undefined) return undefined;
      if (typeof answer === 'string') return { status: 200, headers: {}, body: bytes(answer) };
      return { status: answer.status ?? 200, headers: answer.headers ?? {}, body: bytes(answer.body ?? '') };
    },
    async certificate(port) {
      asked.push(`${port} certificate`);
      const known = certificates[port];
      if (known === undefined) return undefined;
      const subject = known.subject ?? 'CN=device';
      return {
        issuer: subject,
        names: [],
        validFrom: 0,
        validTo: 3_650 * DAY_MS,
        serialNumber: '01',
        fingerprint: 'ab'.repeat(32),
        ...known,
        subject,
      };
    },
  };
  return { ask, asked };
}
