/** The settings section `identify`: what may be asked of whom to learn what a device is. Its shape is told in agent/evidence/identify-settings.ts. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseMac } from '../base/mac-address.ts';
import { READER_NAMES } from './reader-names.ts';

const MAC_OR_IP = 'a MAC address such as 00:11:32:aa:bb:cc or an IP address such as 192.168.1.20';
const device = z.string().refine((text) => parseMac(text) !== undefined || isIP(text) !== 0, MAC_OR_IP);

/** Passwords of SNMPv3 users have eight characters or more (RFC 3414, 11.2). */
const password = z.string().min(8).max(256);

const secret = <const P extends readonly [string, ...string[]]>(protocols: P) =>
  z
    .strictObject({
      protocol: z.enum(protocols).describe('As the device is set up.'),
      password: password.optional().describe('At least 8 characters.'),
      passwordFile: z.string().min(1).optional().describe('File that holds the password; better than the password itself.'),
    })
    .refine((part) => (part.password === undefined) !== (part.passwordFile === undefined), {
      path: ['password'],
      error: 'given, or passwordFile instead: one of the two',
      when: () => true,
    });

const user = z
  .strictObject({
    name: z.string().min(1).max(32).describe('As the device knows it.'),
    auth: secret(['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'])
      .optional()
      .describe('How messages are signed. Default: not at all.'),
    priv: secret(['des', 'aes']).optional().describe('How messages are encrypted; needs auth. Default: not at all.'),
  })
  .refine(({ auth, priv }) => priv === undefined || auth !== undefined, {
    path: ['priv'],
    error: 'left out where there is no auth',
    when: () => true,
  });

export const identifySchema = z
  .strictObject({
    off: z.array(z.enum(READER_NAMES)).max(64).default([]).describe('Kinds of questions that are asked of nobody.'),
    leaveAlone: z
      .array(device)
      .max(256)
      .default([])
      .describe('MAC or IP addresses of devices that are asked nothing; whether they live is still watched.'),
    snmp: z
      .strictObject({
        communities: z
          .array(z.string().min(1).max(64))
          .max(4)
          .default(['public'])
          .describe(
            'Communities that are tried with SNMP v1 and v2c, for reading. They go over the LAN in the clear. An empty list: none.',
          ),
        users: z.array(user).max(4).default([]).describe('Users for SNMPv3, tried before the communities.'),
        only: z
          .array(device)
          .max(256)
          .optional()
          .describe(
            'MAC or IP addresses of the only devices that see these; of others, public alone is tried. Default: all that may speak SNMP.',
          ),
      })
      .prefault({})
      .describe('Switches, printers, UPSs and other devices that speak SNMP.'),
  })
  .prefault({})
  .describe('Which questions devices are asked to learn what they are. Nothing ever logs in but SNMP, with what is set here.');
