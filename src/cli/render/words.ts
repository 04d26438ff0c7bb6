/** Small words for people: ages, instants, states. Pure; the present is handed in. */
import { styleText } from 'node:util';
import type { HealthState } from '../../protocol/messages.ts';

type Colour = Parameters<typeof styleText>[0];

const STATE_COLOURS: Readonly<Record<HealthState, Colour>> = {
  up: 'green',
  asleep: 'cyan',
  suspect: 'yellow',
  down: ['bold', 'red'],
  unreachable: 'yellow',
  unknown: 'gray',
};

/** Colours only where the output is a terminal that wants them (NO_COLOR, FORCE_COLOR: https://no-color.org). */
export function paint(colour: Colour, text: string, output: { readonly isTTY?: boolean | undefined }, env: NodeJS.ProcessEnv): string {
  const wanted = env.FORCE_COLOR ? true : !env.NO_COLOR && output.isTTY === true;
  return wanted ? styleText(colour, text, { validateStream: false }) : text;
}

export function stateColour(state: HealthState): Colour {
  return STATE_COLOURS[state];
}

/** `14:03:21` today, else with the date; local time of this machine. */
export function clockTime(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toTimeString().slice(0, 8);
  return new Date(now).toDateString() === date.toDateString() ? time : `${date.toISOString().slice(0, 10)} ${time}`;
}
