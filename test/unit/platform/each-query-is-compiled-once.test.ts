import Database, { type Database as Sqlite } from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeptStatements } from '../../../src/platform/kept-statements.ts';

describe('statements of the desk', () => {
  let compiled: string[];
  let sqlite: Sqlite;
  let kept: KeptStatements;

  beforeEach(() => {
    compiled = [];
    sqlite = new Database(':memory:');
    sqlite.exec('create table home (id integer, name text)');
    const prepare = sqlite.prepare.bind(sqlite);
    sqlite.prepare = ((sql: string) => {
      compiled.push(sql);
      return prepare(sql);
    }) as typeof sqlite.prepare;
    kept = new KeptStatements(sqlite);
  });

  it('are compiled once, whatever they are asked', () => {
    for (let id = 0; id < 50; id++) kept.prepare('insert into home values (?, ?)').run([id, `home ${id}`]);
    for (let id = 0; id < 50; id++) expect(kept.prepare('select name from home where id = ?').all([id])).toEqual([{ name: `home ${id}` }]);
    expect(compiled).toHaveLength(2);
  });

  it('are kept up to a number, those that were used last', () => {
    const often = 'select * from home';
    for (let n = 1; n <= 1_000; n++) {
      kept.prepare(often);
      kept.prepare(`select * from home where id in (${Array(n).fill('?').join()})`);
    }
    expect(compiled).toHaveLength(1_001);
    kept.prepare(`select * from home where id in (${Array(1_000).fill('?').join()})`);
    kept.prepare('select * from home where id in (?)');
    expect(compiled).toHaveLength(1_002);
  });

  it('see the columns that a table was given since', () => {
    const read = () => kept.prepare('select * from home').all([]);
    kept.prepare("insert into home values (1, 'Lindgren')").run([]);
    expect(read()).toEqual([{ id: 1, name: 'Lindgren' }]);
    kept.prepare('alter table home add column city text').run([]);
    expect(read()).toEqual([{ id: 1, name: 'Lindgren', city: null }]);
  });
});
