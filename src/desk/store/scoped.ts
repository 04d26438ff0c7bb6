/**
 * The database as somebody may see it who sees only some homes: whatever is asked of it is asked of the rows of those homes alone. Each table of a query is replaced by those rows
 * before the statement is made, so that no question can forget to ask for the right ones, a new one neither: a table without a rule here is refused.
 */
import {
  AliasNode,
  type FromNode,
  IdentifierNode,
  type JoinNode,
  type KyselyPlugin,
  type OperationNode,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type QueryId,
  type RawNode,
  type SelectQueryNode,
  sql,
  TableNode,
} from 'kysely';
import type { Scope } from '../access/roles.ts';
import type { DeskDatabase } from './migrations.ts';

/** The column that says of which home a row is; a home that is forgotten takes these rows along (forget.ts). */
export const HOME_COLUMN = {
  site: 'id',
  device: 'site_id',
  device_state: 'site_id',
  device_verdict: 'site_id',
  alert: 'site_id',
  site_state: 'site_id',
  event: 'site_id',
  ticket: 'site_id',
  ticket_alert: 'site_id',
  audit: 'site_id',
  home_word: 'site_id',
  device_entry: 'site_id',
  incident_home: 'site_id',
  time_entry: 'site_id',
  device_course: 'site_id',
  home_absence: 'site_id',
  contact: 'site_id',
  home_note: 'site_id',
  home_visit: 'site_id',
  home_link: 'site_id',
  home_picture: 'site_id',
  look: 'site_id',
  vendor_case: 'site_id',
} as const;

/** Of all homes at once, or of what the desk tells to whom: none of it is for who sees only some. */
const OF_NOBODY: ReadonlySet<string> = new Set(['incident_deed', 'notice']);

/** For questions only: whoever changes something looks for it here first, in the same transaction. */
export function scopedTo(database: DeskDatabase, scope: Scope): DeskDatabase {
  return scope === 'all' ? database : database.withPlugin(new OnlyInReach(database, scope.holder));
}

class OnlyInReach implements KyselyPlugin {
  readonly #limiter: Limiter;

  constructor(database: DeskDatabase, holder: string) {
    this.#limiter = new Limiter((table) => rowsInReach(database.withoutPlugins(), holder, table));
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): PluginTransformQueryArgs['node'] {
    if (node.kind !== 'SelectQueryNode') throw new Error(`${node.kind} on a database that is limited to some homes`);
    return this.#limiter.transformNode(node, queryId);
  }

  async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]): ReturnType<KyselyPlugin['transformResult']> {
    return result;
  }
}

function rowsInReach(db: DeskDatabase, holder: string, table: string): OperationNode {
  const homes = db.selectFrom('in_reach').select('in_reach.site_id').where('holder', '=', holder);
  // A word stands for a device by its number only.
  if (table === 'device_word') {
    const entries = db.selectFrom('device_entry').select('no').where('site_id', 'in', homes);
    return db.selectFrom('device_word').selectAll().where('entry', 'in', entries).toOperationNode();
  }
  if (table === 'incident') {
    const some = db.selectFrom('incident_home').select('number').where('site_id', 'in', homes);
    return db.selectFrom('incident').selectAll().where('number', 'in', some).toOperationNode();
  }
  // That of a dealer is of all his homes, wherever it was written down.
  if (table === 'vendor_contract') {
    const dealers = db.selectFrom('dealer_home').select('dealer').where('site_id', 'in', homes);
    const rows = db.selectFrom('vendor_contract').selectAll();
    return rows
      .where((eb) => eb.or([eb('dealer', 'in', dealers), eb.and([eb('dealer', 'is', null), eb('site_id', 'in', homes)])]))
      .toOperationNode();
  }
  if (OF_NOBODY.has(table))
    return db
      .selectFrom(table as 'notice')
      .selectAll()
      .where(sql<boolean>`1 = 0`)
      .toOperationNode();
  if (!Object.hasOwn(HOME_COLUMN, table)) throw new Error(`no rule says which rows of ${table} are of which home`);
  const column = HOME_COLUMN[table as keyof typeof HOME_COLUMN];
  const rows = db.selectFrom(table as 'alert').selectAll();
  return rows.where(column as 'site_id', 'in', homes).toOperationNode();
}

class Limiter extends OperationNodeTransformer {
  readonly #rowsOf: (table: string) => OperationNode;
  /** What was put in here: a part of a query comes by once by itself and once with the whole. */
  readonly #limits = new WeakSet<OperationNode>();

  constructor(rowsOf: (table: string) => OperationNode) {
    super();
    this.#rowsOf = (table) => {
      const rows = rowsOf(table);
      this.#limits.add(rows);
      return rows;
    };
  }

  protected override transformNodeImpl<T extends OperationNode>(node: T, queryId?: QueryId): T {
    return this.#limits.has(node) ? node : super.transformNodeImpl(node, queryId);
  }

  protected override transformFrom(node: FromNode, queryId?: QueryId): FromNode {
    const { froms, ...rest } = super.transformFrom(node, queryId);
    return { ...rest, froms: froms.map((from) => this.#limited(from)) };
  }

  protected override transformJoin(node: JoinNode, queryId?: QueryId): JoinNode {
    const { table, ...rest } = super.transformJoin(node, queryId);
    return { ...rest, table: this.#limited(table) };
  }

  /** What SQL is written by hand must leave choosing tables to the rest of the query. */
  protected override transformRaw(node: RawNode, queryId?: QueryId): RawNode {
    if (/\b(from|join)\b/i.test(node.sqlFragments.join(' '))) throw new Error('a table is named where no rule can look');
    return super.transformRaw(node, queryId);
  }

  #limited(node: OperationNode): OperationNode {
    if (TableNode.is(node)) return AliasNode.create(this.#rowsOf(nameOf(node)), IdentifierNode.create(nameOf(node)));
    if (AliasNode.is(node)) {
      if (TableNode.is(node.node)) return AliasNode.create(this.#rowsOf(nameOf(node.node)), node.alias);
      // Its own tables are limited already.
      if ((node.node as SelectQueryNode).kind === 'SelectQueryNode') return node;
    }
    throw new Error(`${node.kind} on a database that is limited to some homes`);
  }
}

function nameOf({ table }: TableNode): string {
  if (table.schema) throw new Error('a table of another schema on a database that is limited to some homes');
  return table.identifier.name;
}
