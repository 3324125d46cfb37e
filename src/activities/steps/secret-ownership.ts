import type { VaultSecret } from '../../lifecycle/facts.ts';
import { readTags } from '../../lifecycle/secret-tags.ts';
import type { TokenIdentity } from '../../lifecycle/state.ts';

/** Whether a secret's newest version was not written by Keyturn for this token. A free name is nobody's. */
export function isForeign({ versions }: VaultSecret, identity: TokenIdentity): boolean {
  const newest = [...versions].sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))[0];
  return newest !== undefined && readTags(newest.tags, identity) === undefined;
}
