/** What people said of devices, apart from what was heard: one card a device, and what they put together or apart. Read and written whole. */
import type { Database } from 'better-sqlite3';
import type { Card, People, Pin } from '../inventory/corrections.ts';

export type CorrectionStore = { load(): People; save(people: People): void };

export function createCorrectionStore(db: Database): CorrectionStore {
  const cards = db.prepare<[], string>('SELECT body FROM correction ORDER BY device_id').pluck();
  const pins = db.prepare<[], string>('SELECT body FROM pin ORDER BY id').pluck();
  const forgetCards = db.prepare('DELETE FROM correction');
  const forgetPins = db.prepare('DELETE FROM pin');
  const keepCard = db.prepare('INSERT INTO correction VALUES (?, ?)');
  const keepPin = db.prepare('INSERT INTO pin (body) VALUES (?)');
  return {
    load: () => ({
      cards: new Map(
        cards
          .all()
          .map((body) => JSON.parse(body) as Card)
          .map((card) => [card.device, card]),
      ),
      pins: pins.all().map((body) => JSON.parse(body) as Pin),
    }),
    save(people) {
      forgetCards.run();
      forgetPins.run();
      for (const card of people.cards.values()) keepCard.run(card.device, JSON.stringify(card));
      for (const pin of people.pins) keepPin.run(JSON.stringify(pin));
    },
  };
}
