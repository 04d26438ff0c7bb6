/** Finds and reads the configuration file, and says where things are kept when it does not. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { IdentifySettings } from '../agent/evidence/identify-settings.ts';
import { HearthbeatError } from '../base/errors.ts';
import { parseMac } from '../base/mac-address.ts';
import { present } from '../base/present.ts';
import { databaseAddress } from '../config/desk-database.ts';
import { readSettings } from '../config/read-settings.ts';
import type { FileProblem } from '../config/read-yaml.ts';
import { type Settings, settingsSchema } from '../config/settings.ts';
import type { ProviderPlace } from './identity-provider.ts';
import type { PostgresPlace } from './postgres-pool.ts';
import type { ConsolePlace } from './unifi-console.ts';

const FILE_NAME = 'hearthbeat.yaml';
/** A Unix socket's path holds 107 bytes (unix(7), sun_path); the longest name in the folder is `/agent.sock`. */
const LONGEST_FOLDER = 107 - '/agent.sock'.length;

/** Settings with the file they came from; `file` is undefined where none was found and the defaults hold. */
export type LoadedSettings = { readonly settings: Settings; readonly file?: string };

/** Thrown for a file that cannot be used: carries every problem. */
export class SettingsError extends HearthbeatError {
  readonly file: string;
  readonly problems: readonly FileProblem[];

  constructor(file: string, problems: readonly FileProblem[], check = `config check --config ${file}`) {
    const lines = problems.map((problem) => `  ${place(problem)}${problem.path ? `${problem.path}: ` : ''}${problem.message}`);
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super('HB_CONFIG_INVALID', `${file} has ${count}:\n${lines.join('\n')}`, `Mend the file and run: hearthbeat ${check}`);
    this.file = file;
    this.problems = problems;
  }
}

function place({ line }: FileProblem): string {
  return line === undefined ? '' : `line ${line}: `;
}

/** Where a configuration file is looked for, first match wins. */
export function settingsPlaces(env: NodeJS.ProcessEnv): string[] {
  const own = join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'hearthbeat', FILE_NAME);
  return [own, join('/etc/hearthbeat', FILE_NAME)];
}

/** Reads `file`, or HEARTHBEAT_CONFIG, or the first usual place that exists; throws SettingsError or HearthbeatError. */
export function loadSettings(file: string | undefined, env: NodeJS.ProcessEnv): LoadedSettings {
  const named = file ?? env.HEARTHBEAT_CONFIG;
  const found = named ?? settingsPlaces(env).find((candidate) => existsSync(candidate));
  if (found === undefined) return { settings: settingsSchema.parse({}) };
  const path = resolve(found);
  const read = readSettings(textOf(path));
  if (!read.ok) throw new SettingsError(path, read.error);
  return { settings: read.value, file: path };
}

/** Throws HearthbeatError where it cannot be read. */
export function textOf(path: string, what = 'configuration file'): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HearthbeatError(
      'HB_CONFIG_INVALID',
      `The ${what} ${path} ${whyUnreadable(cause as NodeJS.ErrnoException)}.`,
      `Give the right path of the ${what}, readable for this user.`,
      { cause },
    );
  }
}

function whyUnreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  if (code === 'EISDIR') return 'is a folder';
  if (code === 'EACCES') return 'may not be read by this user';
  return `cannot be read: ${message}`;
}

/** The folder for databases: --data, the file's `data`, HEARTHBEAT_DATA, the service manager's state folder, or the user's own. */
export function dataFolderPath(flag: string | undefined, settings: Settings, env: NodeJS.ProcessEnv): string {
  const own = join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'hearthbeat');
  const path = resolve(flag ?? settings.data ?? (env.HEARTHBEAT_DATA || env.STATE_DIRECTORY || own));
  const bytes = Buffer.byteLength(path);
  if (bytes <= LONGEST_FOLDER && flag !== '') return path;
  throw new HearthbeatError(
    'HB_DATA_FOLDER',
    flag === '' ? 'The path of the data folder is empty.' : `The path of the data folder ${path} is too long: ${bytes} bytes.`,
    `Choose one of at most ${LONGEST_FOLDER} bytes with --data: the agent opens a local socket in it.`,
  );
}

/** A password from the settings or its file, without the line end; throws HearthbeatError when the file cannot be read. */
export function passwordOf(part: { password?: string | undefined; passwordFile?: string | undefined }): string | undefined {
  return part.passwordFile === undefined ? part.password : textOf(resolve(part.passwordFile), 'password file').replace(/\r?\n$/, '');
}

/** The section `identify` with its addresses in their plain form and its passwords read; throws HearthbeatError when a file cannot be read. */
export function identifySettings({ off, leaveAlone, snmp }: Settings['identify']): IdentifySettings {
  const users = snmp.users.map(({ name, auth, priv }) => ({
    name,
    ...(auth ? { auth: { protocol: auth.protocol, password: passwordOf(auth) ?? '' } } : {}),
    ...(priv ? { priv: { protocol: priv.protocol, password: passwordOf(priv) ?? '' } } : {}),
  }));
  const spelled = (addresses: readonly string[]): string[] => addresses.map((address) => parseMac(address) ?? address);
  const only = snmp.only && { only: spelled(snmp.only) };
  return { off, leaveAlone: spelled(leaveAlone), snmp: { communities: snmp.communities, users, ...only } };
}

/** Where the UniFi console is, with its key; undefined where the settings name none. Throws HearthbeatError where there is no key, or one that anybody may read. */
export function unifiPlace({ url, keyFile, site, fingerprint }: Settings['unifi'], env: NodeJS.ProcessEnv): ConsolePlace | undefined {
  if (url === undefined) return undefined;
  const { hostname, port } = new URL(url);
  const pin = fingerprint?.replaceAll(':', '').toLowerCase();
  return { ip: hostname, port: Number(port || 443), site, key: unifiKey(keyFile, env), ...(pin === undefined ? {} : { fingerprint: pin }) };
}

function unifiKey(keyFile: string | undefined, env: NodeJS.ProcessEnv): string {
  const path = keyFile === undefined ? undefined : resolve(keyFile);
  const key = path === undefined ? env.HEARTHBEAT_UNIFI_KEY?.trim() : textOf(path, 'key file').trim();
  if (path !== undefined && statSync(path).mode & OTHERS)
    throw new HearthbeatError('HB_CONFIG_INVALID', `Every user of this machine may read the key in ${path}.`, `Close it: chmod o= ${path}`);
  if (key !== undefined && /^[\x21-\x7e]{8,256}$/.test(key)) return key;
  throw new HearthbeatError(
    'HB_CONFIG_INVALID',
    path === undefined ? 'The settings name a UniFi console (unifi.url) and no key for it.' : `The key file ${path} holds no key.`,
    'Make one in UniFi Network, Integrations, and put it alone into the file that unifi.keyFile names.',
  );
}

/** Permission bits of users that are neither the owner nor in the group. */
const OTHERS = 0o007;

/** The PEM text of a CA file, where one is set; throws HearthbeatError when it cannot be read or holds no certificate. */
export function readCa(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const path = resolve(file);
  const text = textOf(path, 'certificate file');
  if (holdsCertificate(text)) return text;
  throw new HearthbeatError(
    'HB_CONFIG_INVALID',
    `The certificate file ${path} holds no certificate.`,
    'Give the PEM file of the authority (it begins with -----BEGIN CERTIFICATE-----).',
  );
}

/** How to read the certificate of the desk's page, where the settings name one; what that gives throws HearthbeatError where the files cannot be used together. */
export function pageTls({ certFile, keyFile }: Settings['desk']['page']): (() => { cert: string; key: string }) | undefined {
  if (certFile === undefined || keyFile === undefined) return undefined;
  return () => {
    const [certPath, keyPath] = [resolve(certFile), resolve(keyFile)];
    const [cert, key] = [textOf(certPath, 'certificate file'), textOf(keyPath, 'key file')];
    const trouble = pairTrouble(cert, key);
    if (trouble === undefined) return { cert, key };
    throw new HearthbeatError(
      'HB_CONFIG_INVALID',
      `The page cannot speak TLS with ${certPath} and ${keyPath}: ${trouble}.`,
      'Give the certificate and the key that was made for it as PEM files (desk.page.certFile, desk.page.keyFile).',
    );
  };
}

function pairTrouble(cert: string, key: string): string | undefined {
  if (!holdsCertificate(cert)) return 'the first holds no certificate';
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? undefined : 'the key belongs to another certificate';
  } catch {
    return 'the second holds no key that can be read without a password';
  }
}

type BrokerPart = {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
};

/** How a broker of the settings lets this program in; throws HearthbeatError when a file that they name cannot be read. */
export function brokerAccess(part: BrokerPart): { username?: string; password?: string; ca?: string } {
  return present({ username: part.username, password: passwordOf(part), ca: readCa(part.caFile) });
}

/** The PostgreSQL server of the settings; undefined where they name none. Throws HearthbeatError when a file that they name cannot be read. */
export function postgresPlace(part: Settings['desk']['database']): PostgresPlace | undefined {
  const address = part.url === undefined ? undefined : databaseAddress(part.url);
  if (address === undefined) return undefined;
  const wantsTls = part.tls ?? (part.caFile !== undefined || !isHere(address.host));
  return { ...address, ...present({ password: passwordOf(part), tls: wantsTls ? present({ ca: readCa(part.caFile) }) : undefined }) };
}

/** The identity provider of the settings; undefined where they name none. Throws HearthbeatError when the file of its secret cannot be read. */
export function providerPlace(part: Settings['desk']['provider']): ProviderPlace | undefined {
  const { issuer, clientId, clientSecret: password, clientSecretFile: passwordFile, title, scopes } = part;
  if (issuer === undefined || clientId === undefined) return undefined;
  return { issuer, clientId, title, scopes, clientSecret: passwordOf({ password, passwordFile }) };
}

/** A Unix socket, or an address that no other machine has. */
function isHere(host: string): boolean {
  return /^(\/|127\.|localhost$|::1$)/.test(host);
}

function holdsCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
