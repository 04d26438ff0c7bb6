/** The settings section `unifi`: the console of a UniFi network whose owner gave this hub a key for reading. */
import { isIPv4 } from 'node:net';
import { z } from 'zod';

const ADDRESS = 'https://ADDRESS or https://ADDRESS:PORT, with an IPv4 address of this LAN';

function isConsole(text: string): boolean {
  if (!/^https:\/\/[\d.]+(:\d{1,5})?\/?$/.test(text) || !URL.canParse(text)) return false;
  return isIPv4(new URL(text).hostname);
}

export const unifiSchema = z
  .strictObject({
    url: z.string().refine(isConsole, ADDRESS).optional().describe('Where the console is: an address, not a name.'),
    keyFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File that holds the API key (UniFi Network, Integrations), closed to other users. Default: the environment variable HEARTHBEAT_UNIFI_KEY.',
      ),
    site: z
      .string()
      .regex(/^[\w -]{1,64}$/, 'the name of a site, such as default')
      .default('default')
      .describe('Which of its sites this home is.'),
    fingerprint: z
      .string()
      .regex(/^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, 'a SHA-256 fingerprint: 64 hexadecimal digits')
      .optional()
      .describe("The console's certificate. Default: the one that it shows the first time."),
  })
  .prefault({})
  .describe(
    'A UniFi console that says of its devices which have reached their end. It is asked once a day, with a key that only a person can give.',
  );
