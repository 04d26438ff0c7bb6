/** E-mail by a real mail server: a thread for each ticket, encrypted or not at all, and nothing that devices say becomes a header or markup. */
import { join } from 'node:path';
import type { SMTPServerOptions } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { openDeskDatabase } from '../../src/platform/desk-database.ts';
import { AUTHORITY } from '../fakes/broker-certificates.ts';
import { SmtpSink } from '../fakes/smtp-sink.ts';
import { temporaryFolder } from '../fakes/temporary-folder.ts';
import { CAMERA, NAS, noticePolicy, ToldDesk } from '../fakes/told-desk.ts';

const MINUTE_MS = 60_000;

const policyFor = ({ port }: SmtpSink, mail = {}) =>
  noticePolicy(
    `linkTo: http://desk.example.com
mail: {host: 127.0.0.1, port: ${port}, from: Desk <desk@example.com>, username: desk, passwordEnv: PASSWORD}
receivers: {dealer: {kind: email, to: [holm@example.com, anna@example.com]}}
routes: [{receivers: [dealer]}]
`,
    {},
    { password: 'right', ca: AUTHORITY, ...mail },
  );
const start = async (sink: SmtpSink, mail = {}) =>
  ToldDesk.start(await openDeskDatabase(join(temporaryFolder(), 'desk.db')), policyFor(sink, mail));

describe('notices by e-mail', () => {
  it('are a thread for each ticket, readable as text, and say that no person wrote them', async () => {
    const sink = await SmtpSink.open();
    const desk = await start(sink);
    const alert = await desk.fire();
    await desk.wait(MINUTE_MS);
    await desk.fire(CAMERA, { title: 'Camera does not answer' });
    await desk.clear(alert);
    await desk.wait(7 * MINUTE_MS);
    const [first, other, over] = sink.received;
    const { site } = desk.world;
    expect(first).toMatchObject({
      from: 'desk@example.com',
      to: ['holm@example.com', 'anna@example.com'],
      isEncrypted: true,
      user: 'desk',
    });
    expect(first?.headers).toMatchObject({
      subject: 'New: NAS does not answer (Lindgren, ticket 1)',
      'message-id': `<hearthbeat.${site}.1.dealer@example.com>`,
      'auto-submitted': 'auto-generated',
    });
    expect(first?.headers['in-reply-to']).toBeUndefined();
    expect(first?.raw).toContain('- NAS does not answer: No answer to ARP, TCP and ping.');
    expect(first?.raw).toContain('http://desk.example.com/tickets/1');
    expect(other?.headers['message-id']).toBe(`<hearthbeat.${site}.2.dealer@example.com>`);
    expect(over?.headers).toMatchObject({
      subject: 'Over by itself: NAS does not answer (Lindgren, ticket 1)',
      'in-reply-to': first?.headers['message-id'],
      references: first?.headers['message-id'],
    });
    expect(over?.headers['message-id']).not.toBe(first?.headers['message-id']);
    expect(sink.received).toHaveLength(3);
  });

  it('take no header, recipient or markup from what a device calls itself', async () => {
    const sink = await SmtpSink.open();
    const desk = await start(sink);
    const title = 'NAS\r\nBcc: eve@example.com\r\n\r\n<img src=http://eve.example/x.png>\u202e<script>alert(1)</script>';
    await desk.fire(NAS, { title, text: '</li><a href="http://eve.example">help</a>' });
    await desk.wait(MINUTE_MS);
    const [mail] = sink.received;
    expect(mail?.to).toEqual(['holm@example.com', 'anna@example.com']);
    expect(mail?.headers.bcc).toBeUndefined();
    const html = /<!doctype html>[\s\S]*<\/html>/.exec(decoded(mail?.raw ?? ''))?.[0] ?? '';
    expect(html).toContain('&lt;img src=http://eve.example');
    expect(
      [...html.matchAll(/<(\w+)/g)]
        .map(([, tag]) => tag)
        .filter((tag) => !['html', 'body', 'p', 'b', 'ul', 'li', 'a', 'small'].includes(tag ?? '')),
    ).toEqual([]);
    expect([...html.matchAll(/<a href="([^"]*)"/g)].map(([, to]) => to)).toEqual(['http://desk.example.com/tickets/1']);
  });

  it('say whom the server did not take, and reach the others', async () => {
    const refuse: SMTPServerOptions['onRcptTo'] = ({ address }, _, done) =>
      done(address.startsWith('anna') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : undefined);
    const sink = await SmtpSink.open({ onRcptTo: refuse });
    const desk = await start(sink);
    await desk.fire();
    await desk.wait(MINUTE_MS);
    expect(sink.received.map(({ to }) => to)).toEqual([['holm@example.com']]);
    expect(desk.world.desk.status().receivers?.[0]?.lastAnswer).toMatch(/^250 .*not taken for anna@example\.com$/);
  });

  it('do not leave without encryption, to another than the right server, or with a wrong password; the desk says why', async () => {
    const answers: (string | undefined)[] = [];
    for (const { options, mail } of [
      { options: { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] }, mail: {} },
      { options: {}, mail: { ca: undefined } },
      { options: {}, mail: { password: 'wrong' } },
    ]) {
      const sink = await SmtpSink.open(options);
      const desk = await start(sink, mail);
      await desk.fire();
      await desk.wait(3 * MINUTE_MS);
      expect(sink.received).toEqual([]);
      const [status] = desk.world.desk.status().receivers ?? [];
      expect(status).toMatchObject({ waiting: 1, failingSince: expect.any(Number) });
      answers.push(status?.lastAnswer);
      await desk.world.desk.stop();
    }
    expect(answers).toEqual([
      expect.stringMatching(/STARTTLS|TLS/i),
      expect.stringMatching(/certificate/i),
      expect.stringMatching(/535|no such user/i),
    ]);
  });
});

/** Quoted-printable (RFC 2045), as far as it is used here. */
function decoded(raw: string): string {
  return raw.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
