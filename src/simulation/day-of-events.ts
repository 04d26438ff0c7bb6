/**
 * A day in the sample home as a script: what happens, when, and how a person would say it. Data first, then the few lines that play it;
 * each entry is one call of the home's control.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { HomeControl } from './home-control.ts';
import { NEW_PLUG } from './sample-home.ts';

export type DayEvent = {
  /** Time of day, `HH:MM`. */
  readonly at: string;
  readonly happens: (control: HomeControl) => void;
  readonly caption: string;
};

export type Day = { readonly startsAt: string; readonly events: readonly DayEvent[]; readonly endsAt: string };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

export const SAMPLE_DAY: Day = {
  startsAt: '07:00',
  endsAt: '24:00',
  events: [
    { at: '07:40', happens: (home) => home.leave('Phone of Anna'), caption: 'Anna leaves for work, her phone with her' },
    { at: '08:05', happens: (home) => home.leave('Phone of Clara'), caption: 'Clara leaves for school with her phone' },
    { at: '09:30', happens: (home) => home.unplug('Printer'), caption: 'Somebody pulls the plug of the printer' },
    { at: '10:15', happens: (home) => home.replug('Printer'), caption: 'The printer gets its plug back' },
    {
      at: '11:00',
      happens: (home) => home.reboot('Camera driveway', 90 * SECOND_MS),
      caption: 'The driveway camera restarts for 90 seconds: nothing to wake anyone for',
    },
    { at: '13:00', happens: (home) => home.internetDown(), caption: 'The internet provider is gone' },
    { at: '13:20', happens: (home) => home.internetUp(), caption: 'The internet is back after 20 minutes' },
    { at: '15:00', happens: (home) => home.join(NEW_PLUG), caption: 'A smart plug that nobody announced joins the Wi-Fi' },
    { at: '16:30', happens: (home) => home.reboot('Router', 3 * MINUTE_MS), caption: 'The router restarts, which takes three minutes' },
    { at: '17:35', happens: (home) => home.comeBack('Phone of Anna'), caption: 'Anna comes home' },
    { at: '17:50', happens: (home) => home.comeBack('Phone of Clara'), caption: 'Clara comes home' },
    {
      at: '18:00',
      happens: (home) => home.changeAddress('Sonos Kitchen'),
      caption: 'The kitchen speaker gets another address: still the same speaker',
    },
    {
      at: '20:00',
      happens: (home) => home.unplug('Access point attic'),
      caption: 'The switch port of the attic access point drops, with all that hangs on it',
    },
    { at: '20:25', happens: (home) => home.replug('Access point attic'), caption: 'The attic access point has power again' },
    { at: '22:30', happens: (home) => home.unplug('NVR'), caption: 'The video recorder dies, and stays dead' },
  ],
};

export type Playing = {
  /** Resolves at the end of the day, or at once after `stop`. */
  readonly done: Promise<void>;
  stop(): void;
};

/** Plays a day on the given clock, from its start now to its end; `onEvent` hears each caption just after it happened. */
export function playDay(
  control: HomeControl,
  clock: Clock,
  options: { readonly day?: Day; readonly onEvent?: (caption: string) => void } = {},
): Playing {
  const { day = SAMPLE_DAY, onEvent } = options;
  const untilMs = (at: string): number => timeOfDayMs(at) - timeOfDayMs(day.startsAt);
  const timers: Timer[] = day.events.map((event) =>
    clock.setTimer(untilMs(event.at), () => {
      event.happens(control);
      onEvent?.(event.caption);
    }),
  );
  const { promise: done, resolve: end } = Promise.withResolvers<void>();
  timers.push(clock.setTimer(untilMs(day.endsAt), end));
  return {
    done,
    stop() {
      for (const timer of timers) timer.cancel();
      end();
    },
  };
}

/** Milliseconds after midnight of `HH:MM`. */
export function timeOfDayMs(at: string): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}
