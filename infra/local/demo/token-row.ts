import { kindOf, type TokenEvent } from './token-event.ts';

/** What the table shows of a token. Instants are ISO 8601, UTC. */
export interface TokenRow {
  readonly token: string;
  readonly status: string;
  readonly slot?: string | undefined;
  readonly expiresAt?: string | undefined;
  readonly nextRotation?: string | undefined;
  readonly secretUri?: string | undefined;
}

/** Events after which the password that they name is the published one. */
const publications = ['provisioned', 'rotated', 'access-updated', 'enabled', 'reinstated'];

/** Events that are a status by name; nothing rotates then. */
const endings = ['disabled', 'revoked', 'deleted', 'expired'];

/** What is known of a token after one more event about it; other events leave the row as it is. */
export function rowAfter(row: TokenRow | undefined, event: TokenEvent): TokenRow | undefined {
  const kind = kindOf(event);
  const { token, slot, expiresAt, nextRotation, secretUri } = event.data;
  if (publications.includes(kind))
    return { token, status: 'active', slot, expiresAt, nextRotation, secretUri };
  if (!endings.includes(kind)) return row;
  return kind === 'deleted'
    ? { token, status: kind }
    : { ...row, token, status: kind, nextRotation: undefined };
}

/** The rows of all tokens that these events tell of, by name. */
export function rowsAfter(events: readonly TokenEvent[]): TokenRow[] {
  const rows = new Map<string, TokenRow>();
  for (const event of events) {
    const row = rowAfter(rows.get(event.data.token), event);
    if (row) rows.set(row.token, row);
  }
  return [...rows.values()].sort((one, other) => (one.token < other.token ? -1 : 1));
}
