/** Certificates of any dates, by an authority made for one test (openssl). */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Wanted = {
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  /** As in a subjectAltName; 127.0.0.1 unless said otherwise. */
  readonly name?: string;
  /** What it is for, as openssl calls it. */
  readonly purpose?: string;
  /** Leaves out which key signed it, as who forges one would. */
  readonly hidesSigner?: boolean;
};

export type Issued = { readonly certFile: string; readonly keyFile: string; readonly cert: string; readonly key: string };
export type Authority = { readonly file: string; readonly pem: string; issue(wanted: Wanted): Issued };

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** One more of this name in the folder replaces the last. */
export function authorityIn(folder: string, name: string): Authority {
  const at = (file: string): string => join(folder, `${name}-${file}`);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  openssl('req', '-x509', ...KEY, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '3650', '-subj', `/CN=${name}`);
  writeFileSync(
    at('ca.conf'),
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${at('index')}\nnew_certs_dir = ${folder}\nrand_serial = yes\ndefault_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\n`,
  );
  let count = 0;
  return {
    file: at('ca.pem'),
    pem: readFileSync(at('ca.pem'), 'utf8'),
    issue({ from, to, name: san = 'IP:127.0.0.1', purpose, hidesSigner = false }) {
      const [key, request, cert, extensions] = ['key', 'csr', 'pem', 'ext'].map((kind) => at(`leaf${++count}.${kind}`)) as [
        string,
        string,
        string,
        string,
      ];
      writeFileSync(at('index'), '');
      const lines = [`subjectAltName = ${san}`, purpose && `extendedKeyUsage = ${purpose}`, hidesSigner && 'authorityKeyIdentifier = none'];
      writeFileSync(extensions, `${lines.filter(Boolean).join('\n')}\n`);
      openssl('req', ...KEY, '-keyout', key, '-out', request, '-subj', '/CN=broker');
      const dates = ['-startdate', asn1Time(from), '-enddate', asn1Time(to)];
      const signer = ['-config', at('ca.conf'), '-cert', at('ca.pem'), '-keyfile', at('ca.key'), '-extfile', extensions];
      openssl('ca', '-batch', '-notext', ...signer, '-in', request, '-out', cert, ...dates);
      return { certFile: cert, keyFile: key, cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    },
  };
}

/** YYYYMMDDHHMMSSZ */
function asn1Time(at: number): string {
  return `${new Date(at).toISOString().replace(/[-:T]|\..*/g, '')}Z`;
}
