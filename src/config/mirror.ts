/** The settings section `mirror`: a broker of the house on which the present state is shown, for Home Assistant and for whoever listens. */
import { z } from 'zod';
import { CHOSEN_TOPIC } from '../base/mqtt-names.ts';
import { brokerUrl, ONE_PASSWORD, onePassword } from './broker-access.ts';

const topic = z
  .string()
  .regex(CHOSEN_TOPIC.pattern, 'a topic of letters, digits, - and _, such as hearthbeat or home/hearthbeat')
  .max(CHOSEN_TOPIC.letters);

export const mirrorSchema = z
  .strictObject({
    urls: z
      .array(brokerUrl)
      .max(8)
      .default([])
      .describe('The broker, or several that are tried in order. None: nothing is shown anywhere.'),
    show: z.boolean().default(true).describe('Show it. With false, all that was shown on the broker is taken away from it.'),
    username: z.string().min(1).max(256).optional().describe('The user name of this hub at that broker. Default: none.'),
    password: z.string().min(1).max(1024).optional().describe('Its password there.'),
    passwordFile: z.string().min(1).optional().describe('File that holds the password; better than the password itself.'),
    caFile: z.string().min(1).optional().describe('PEM file of the authority that signed the broker certificate.'),
    topic: topic.default('hearthbeat').describe('Below which topic the state of the hub and its devices is kept.'),
    discovery: topic.default('homeassistant').describe('The discovery prefix of Home Assistant.'),
  })
  .refine(onePassword, ONE_PASSWORD)
  .prefault({})
  .describe(
    'A broker of this house on which the present state of each device is kept in retained topics, where Home Assistant finds them. Devices of persons are counted, as everywhere outside.',
  );
