/** A desk's database on a disk that is full while the test says so. */
import type { DeskDatabase } from '../../src/desk/store/migrations.ts';

/** `isFull`: no transaction can be made. */
export function onFullDisk(database: DeskDatabase, isFull: () => boolean): DeskDatabase {
  return new Proxy(database, {
    get(target, name) {
      if (name === 'transaction' && isFull()) return () => ({ execute: () => Promise.reject(new Error('database or disk is full')) });
      const part = Reflect.get(target, name, target);
      return typeof part === 'function' ? part.bind(target) : part;
    },
  });
}
