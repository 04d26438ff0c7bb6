/**
 * The embedded MQTT 3.1.1 broker (aedes) for a desk that has no broker of its own. A hub's credential reaches only the topics of its
 * site; the desk gets a credential that lives as long as this start. It keeps nothing on disk:
 * hubs send again whatever the desk has not acknowledged.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AedesOptions, type AuthenticateError, type Client } from 'aedes';
import { ID_PATTERN } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { parseUpTopic, partitionOf, TOPIC_ROOT } from '../protocol/topics.ts';
import { listenError } from './listen-error.ts';
import { limitPackets } from './packet-limit.ts';

export type BrokerCredential = { readonly username: string; readonly password: string };

export type BrokerOptions = {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host?: string;
  /** Whether `password` belongs to the registered site. */
  readonly authenticate: (site: string, password: string) => Promise<boolean>;
  readonly log: Log;
  /** A credential that may read everything and write nothing, for a person with an MQTT tool. */
  readonly toolPassword?: string;
  readonly maxPacketBytes?: number;
};

export type Broker = {
  readonly url: string;
  readonly port: number;
  /** Full rights; random for each start. */
  readonly deskCredential: BrokerCredential;
  connectedClients(): number;
  stop(): Promise<void>;
};

const DESK = 'desk';
const TOOL = 'tool';
const DEFAULT_MAX_PACKET_BYTES = 256 * 1024;
/** Node's default of 511 reset 50 of 5,000 hubs that came back within seconds. */
const LISTEN_BACKLOG = 4096;
/** CONNACK return codes (MQTT 3.1.1, 3.2.2.3). */
const IDENTIFIER_REJECTED = 2;
const BAD_CREDENTIALS = 4;

/** Starts the broker. Throws HB_PORT_IN_USE when the port is taken. */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const host = options.host ?? '127.0.0.1';
  const deskCredential = { username: DESK, password: randomBytes(24).toString('base64url') };
  const aedes = await Aedes.createBroker({
    connectTimeout: 10_000,
    concurrency: 1000,
    authenticate: authentication(options, deskCredential),
    authorizePublish: (client, packet, done) => {
      if (parseUpTopic(packet.topic)?.channel !== 'status') packet.retain = false;
      done(client === null || mayPublish(client.id, packet.topic) ? null : new Error(`${client.id} may not publish to ${packet.topic}`));
    },
    authorizeSubscribe: (client, subscription, done) => done(null, maySubscribe(client.id, subscription.topic) ? subscription : null),
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => accept(socket, aedes, sockets, options));
  reportTrouble(aedes, options.log);
  try {
    await listen(server, options.port, host);
  } catch (error) {
    // Its timers would keep the process alive.
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    throw error;
  }
  const address = server.address() as { port: number };
  return {
    url: `mqtt://${host}:${address.port}`,
    port: address.port,
    deskCredential,
    connectedClients: () => aedes.connectedClients,
    stop: () => stop(server, aedes, sockets),
  };
}

/** A site writes its own topics of the contract; only the desk writes elsewhere. The last will is measured by the same rule. */
export function mayPublish(clientId: string, topic: string): boolean {
  return isDesk(clientId) || parseUpTopic(topic)?.site === clientId;
}

/** A site reads what is under its own `dn`, in its own partition; the desk and the tool read everything. */
export function maySubscribe(clientId: string, filter: string): boolean {
  return isDesk(clientId) || isTool(clientId) || isOwnDown(clientId, filter);
}

function isDesk(clientId: string): boolean {
  return clientId === DESK || clientId.startsWith(`${DESK}-`);
}

/** MQTT tools make up client ids; whatever is neither a site's nor the desk's can only have come in with the tool's password. */
function isTool(clientId: string): boolean {
  return !ID_PATTERN.test(clientId) && !isDesk(clientId);
}

function isOwnDown(site: string, filter: string): boolean {
  const [root, partition, owner, way, ...channel] = filter.split('/');
  const isOwn = ID_PATTERN.test(site) && owner === site && (partition === '+' || partition === partitionOf(site));
  return isOwn && root === TOPIC_ROOT && way === 'dn' && channel.length > 0;
}

function authentication(options: BrokerOptions, desk: BrokerCredential): NonNullable<AedesOptions['authenticate']> {
  return (client, username = '', password, done) => {
    const given = password?.toString('utf8') ?? '';
    void checkCredential(options, desk, client, username, given).then(
      (problem) => {
        if (problem) options.log.warn('broker refused a connection', { username: username.slice(0, 64), reason: problem.message });
        done(problem, problem === null);
      },
      (cause: unknown) => {
        options.log.error('broker could not check a password', { cause: String(cause) });
        done(refusal(3, 'the desk cannot check passwords now'), false);
      },
    );
  };
}

/** Null when the client may come in. A client id other than the user name would let one site take over the connection of another. */
async function checkCredential(
  options: BrokerOptions,
  desk: BrokerCredential,
  client: Client,
  username: string,
  password: string,
): Promise<AuthenticateError | null> {
  const wrong = refusal(BAD_CREDENTIALS, 'wrong user name or password');
  if (username === DESK || username === TOOL) {
    const expected = username === DESK ? desk.password : options.toolPassword;
    if (expected === undefined || !sameText(password, expected)) return wrong;
    const isFitting = username === DESK ? isDesk(client.id) : isTool(client.id);
    return isFitting ? null : refusal(IDENTIFIER_REJECTED, `"${client.id}" is no client id for the user ${username}`);
  }
  if (!ID_PATTERN.test(username)) return wrong;
  if (client.id !== username) return refusal(IDENTIFIER_REJECTED, 'the client id must equal the user name');
  return (await options.authenticate(username, password)) ? null : wrong;
}

function refusal(returnCode: number, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function accept(socket: Socket, aedes: Aedes, sockets: Set<Socket>, options: BrokerOptions): void {
  const maxBytes = options.maxPacketBytes ?? DEFAULT_MAX_PACKET_BYTES;
  socket.setNoDelay(true);
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  limitPackets(socket, maxBytes, (bytes) => options.log.warn('broker ended a connection', { reason: 'packet too large', bytes, maxBytes }));
  aedes.handle(socket);
}

function reportTrouble(aedes: Aedes, log: Log): void {
  aedes.on('clientError', (client, error) => log.debug('broker client error', { client: client.id, reason: error.message }));
  aedes.on('connectionError', (_client, error) => log.debug('broker connection error', { reason: error.message }));
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(listenError(cause, { owner: 'The MQTT broker', port, host, setting: 'desk.broker.port' })),
    );
    server.listen({ port, host, backlog: LISTEN_BACKLOG }, resolve);
  });
}

async function stop(server: Server, aedes: Aedes, sockets: Set<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve) => aedes.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}
