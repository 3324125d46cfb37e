import type { EventContent, EventOf } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import type { CommandReference } from './command-order.ts';
import { type Credential, otherSlot } from './credential.ts';
import { nextRotation } from './schedule.ts';
import type { ManagedState, TokenState } from './state.ts';

/** What every event about a token says. */
export function about(state: TokenState, command?: CommandReference) {
  const owned =
    state.status === 'none' ? {} : { entrance: state.managed.entrance, owner: state.managed.owner };
  return { ...state.identity, ...owned, ...(command ? { command: shown(command) } : {}) };
}

/** What an event says to whoever sent a command that is not carried out: not whose the token is. */
export function aboutAsker({ identity }: TokenState, command: CommandReference) {
  return { ...identity, entrance: command.entrance, command: shown(command) };
}

function shown({ entrance, source, id, key }: CommandReference) {
  return { entrance, source, id, key };
}

type CredentialData = Pick<
  EventOf<'keyturn.token.rotated'>['data'],
  | 'slot'
  | 'generation'
  | 'secretUri'
  | 'secretVersion'
  | 'expiresAt'
  | 'nextRotation'
  | 'previousValidUntil'
  | 'verified'
>;

/** The credential that is published now; nothing if there never was one. */
export function publishedData(state: ManagedState, now: Instant): CredentialData | undefined {
  const { credentials, published, managed, identity } = state;
  const credential = published && credentials[published];
  if (!credential) return undefined;
  const { slot, generation, secretVersion, expiresAt, verified } = credential;
  const rotation = nextRotation(credential, managed.schedule, managed.endOfLife, identity.token);
  const previousValidUntil = validUntilOf(credentials[otherSlot(slot)], now);
  return {
    slot,
    generation,
    secretUri: managed.delivery.secretUri,
    secretVersion,
    expiresAt,
    verified,
    ...(rotation === undefined ? {} : { nextRotation: rotation }),
    ...(previousValidUntil === undefined ? {} : { previousValidUntil }),
  };
}

function validUntilOf(previous: Credential | undefined, now: Instant): Instant | undefined {
  if (!previous || previous.retiredAt !== undefined) return undefined;
  const until = previous.retireAt ?? previous.expiresAt;
  return until > now ? until : undefined;
}

/** An event about the credential that is published now; none if there is no such credential. */
export function announcePublished(
  type: 'keyturn.token.provisioned' | 'keyturn.token.enabled' | 'keyturn.token.reinstated',
  state: ManagedState,
  command: CommandReference,
  now: Instant,
): EventContent[] {
  const data = publishedData(state, now);
  return data ? [{ type, severity: 'info', data: { ...about(state, command), ...data } }] : [];
}
