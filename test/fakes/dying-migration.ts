/** Brings a database up to date and is killed after a statement: `node dying-migration.ts DATABASE STATEMENT`. Prints how many there were when it lives. */
import Database from 'better-sqlite3';
import { AGENT_MIGRATIONS } from '../../src/agent/store/migrations.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';

const [path = '', last = ''] = process.argv.slice(2);
const run = Database.prototype.exec;
let count = 0;

Database.prototype.exec = function (sql) {
  for (const statement of sql.split(';').filter((each) => each.trim() !== '')) {
    run.call(this, statement);
    if (++count === Number(last)) process.kill(process.pid, 'SIGKILL');
  }
  return this;
};

openDatabase(path, AGENT_MIGRATIONS).close();
process.stdout.write(`${count}\n`);
