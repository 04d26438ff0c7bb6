/** The place of an entry in its hub's stream: session number first, then position. Greater is newer; nothing else decides. */
export type Order = { readonly ses: number; readonly pos: number };

export function isBefore(left: Order, right: Order): boolean {
  return left.ses < right.ses || (left.ses === right.ses && left.pos < right.pos);
}

export function earliest(orders: readonly Order[]): Order | undefined {
  return orders.reduce<Order | undefined>((least, order) => (least === undefined || isBefore(order, least) ? order : least), undefined);
}
