/** Sends a notice as e-mail by the server of the settings. The library is loaded only where e-mail is sent. */

import type { MailServer } from '../desk/notices/policy.ts';
import type { Mail, MailAnswer } from '../desk/notices/receivers/receiver.ts';

const [CONNECT_MS, SOCKET_MS, DEADLINE_MS] = [10_000, 15_000, 30_000];

/** Never rejects. */
export async function mailNotice(mail: Mail, server: MailServer): Promise<MailAnswer> {
  const { createTransport } = await import('nodemailer');
  const { host, port, tls, username, password, ca } = server;
  const transport = createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
  });
  const late = setTimeout(() => transport.close(), DEADLINE_MS);
  try {
    const { response, rejected = [] } = await transport.sendMail(messageOf(mail));
    const text = rejected.length === 0 ? response : `${response}; not taken for ${rejected.join(', ')}`;
    return { code: Number(/^\d{3}/.exec(response)?.[0] ?? 250), text, isUnsent: false };
  } catch (error) {
    return answerOf(error);
  } finally {
    clearTimeout(late);
    transport.close();
  }
}

function messageOf({ from, to, subject, text, html, messageId, thread, at }: Mail) {
  return {
    from,
    to: [...to],
    subject,
    text,
    html,
    messageId: `<${messageId}>`,
    ...(thread === undefined ? {} : { inReplyTo: `<${thread}>`, references: `<${thread}>` }),
    date: new Date(at),
    // No absence notes, and no loops (RFC 3834; X-Auto-Response-Suppress is what Exchange reads).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

/** The library's names for where it failed; before the message was handed over it cannot have arrived. */
const UNSENT: ReadonlySet<string> = new Set(['EDNS', 'EAUTH', 'ETLS', 'EENVELOPE', 'ECONNECTION', 'EPROTOCOL', 'ENOAUTH', 'EREQUIRETLS']);

function answerOf(error: unknown): MailAnswer {
  const { code, message, responseCode, command } = error as { code?: string; message: string; responseCode?: number; command?: string };
  const isUnsent = (code !== undefined && UNSENT.has(code)) || command === 'CONN' || responseCode !== undefined;
  return { code: responseCode ?? 0, text: message, isUnsent };
}
