/** What a home is called. */
import type { SiteRow } from './store/schema.ts';

type Named = Pick<SiteRow, 'id' | 'name' | 'hub_name'>;

export function siteName({ id, name, hub_name }: Named): string {
  return name ?? hub_name ?? `Home ${id.slice(-6)}`;
}

/** Beside others: homes of one name (`isShared`) are told apart by the end of their id. */
export function nameBeside(row: Named, isShared: boolean): string {
  return isShared ? `${siteName(row)} (${row.id.slice(-4)})` : siteName(row);
}
