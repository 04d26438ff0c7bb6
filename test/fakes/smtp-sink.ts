/** A mail server over real sockets, with STARTTLS and a certificate that is right for 127.0.0.1: keeps what it is sent. */
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { RIGHT } from './broker-certificates.ts';
import { KEY } from './self-signed.ts';

export type ReceivedMail = {
  readonly from: string;
  readonly to: readonly string[];
  /** By lower-case name, unfolded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
};

export class SmtpSink {
  readonly received: ReceivedMail[] = [];
  /** An error of SMTP, thrown to whoever sends. */
  refuse: { readonly responseCode: number; readonly message: string } | undefined;
  readonly #server: SMTPServer;

  /** Gone when the running test is over. */
  static async open(options: SMTPServerOptions = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(options);
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => sink.#server.close(() => resolve())));
    return sink;
  }

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      key: KEY,
      cert: RIGHT,
      authOptional: true,
      logger: false,
      onAuth: ({ username, password }, _, done) =>
        password === 'right' ? done(null, { user: username ?? '' }) : done(Object.assign(new Error('no such user'), { responseCode: 535 })),
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          if (this.refuse) return done(Object.assign(new Error(this.refuse.message), this.refuse));
          const raw = Buffer.concat(parts).toString();
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom === false ? '' : mailFrom.address;
          const user = typeof session.user === 'string' ? session.user : undefined;
          this.received.push({
            from,
            to: rcptTo.map(({ address }) => address),
            headers: headersOf(raw),
            raw,
            isEncrypted: session.secure,
            user,
          });
          done(null, 'kept');
        });
      },
      ...options,
    });
    this.#server.on('error', () => {});
  }

  get port(): number {
    return (this.#server.server.address() as { port: number }).port;
  }
}

function headersOf(raw: string): Record<string, string> {
  const head = (raw.split('\r\n\r\n')[0] ?? '').replace(/\r\n[ \t]+/g, ' ');
  return Object.fromEntries(
    head.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
}
