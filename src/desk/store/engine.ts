/** What the engines spell differently. */
import type { ColumnDefinitionBuilder, CreateTableBuilder, RawBuilder } from 'kysely';

export type Engine = {
  /** How a table numbers its own rows. */
  readonly serial: {
    readonly type: 'integer' | 'bigint';
    readonly build: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  };
  /** Text that is compared and sorted by its bytes, whatever language the server speaks. */
  readonly text: Parameters<CreateTableBuilder<string, string>['addColumn']>[1];
  readonly bytes: Parameters<CreateTableBuilder<string, string>['addColumn']>[1];
  /** At the end of a table that is nothing but its primary key: it is kept in that order only. */
  readonly ordered: RawBuilder<unknown>;
};
