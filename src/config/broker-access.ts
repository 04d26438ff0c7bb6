/** What the settings say of an MQTT broker, wherever they name one: its address, and the one place of its password. */
import { z } from 'zod';

const BROKER_WORDS = 'a broker address such as mqtt://192.168.1.5:1883 or mqtts://broker.example:8883';

export const brokerUrl = z
  .string()
  .regex(/^(mqtt|mqtts|tcp|ssl):\/\/[^\s/]+$/, BROKER_WORDS)
  .refine((text) => URL.canParse(text), BROKER_WORDS)
  .describe('mqtt:// or mqtts://, host and port');

/** Also said where something else in the section is wrong. */
export const ONE_PASSWORD = { path: ['passwordFile'], error: 'left out where password is given: one of the two', when: () => true };

export const onePassword = (part: { password?: string | undefined; passwordFile?: string | undefined }): boolean =>
  part.password === undefined || part.passwordFile === undefined;
