import { parseEntityAddress } from '../entity-address.ts';
import type { Entity, Namespace } from '../namespace.ts';
import { notImplemented } from '../service-bus-error.ts';

/** Where a link leads: to the token desk, to an entity's management, or to an entity. */
export type LinkNode =
  | { readonly kind: 'tokens'; readonly name: string }
  | { readonly kind: 'management' | 'entity'; readonly name: string; readonly entity: Entity };

/** @throws ServiceBusError amqp:not-found, or amqp:not-implemented for the coordinator of transactions, which has no address */
export function findLinkNode(address: unknown, namespace: Namespace): LinkNode {
  if (typeof address !== 'string') throw notImplemented('A link without an address, as for transactions, is');
  if (address === '$cbs') return { kind: 'tokens', name: address };
  const parsed = parseEntityAddress(address);
  const entity = namespace.find(parsed, address);
  if (parsed.management) return { kind: 'management', name: `${entity.name}/$management`, entity };
  return { kind: 'entity', name: entity.name, entity };
}
