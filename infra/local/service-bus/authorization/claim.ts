import { type Identity, isPermitted } from '../../identity/identities.ts';
import { unauthorizedAccess } from '../service-bus-error.ts';

/** What a client has proven with a token: the emulator's key, which may do everything, or an identity. */
export type Claim = (
  | { readonly kind: 'key' }
  | { readonly kind: 'identity'; readonly identity: Identity }
) & {
  /** Milliseconds since 1970, by the machine's clock, by which clients and the identity endpoint date tokens. */
  readonly expiresAt: number;
};

const dataActions = {
  send: 'Microsoft.ServiceBus/namespaces/messages/send/action',
  receive: 'Microsoft.ServiceBus/namespaces/messages/receive/action',
} as const;

/** The name of the identity behind a claim. */
export function identityName(claim: Claim | undefined): string | undefined {
  return claim?.kind === 'identity' ? claim.identity.name : undefined;
}

/** @throws ServiceBusError amqp:unauthorized-access unless the claim lets its owner send or receive */
export function requirePermission(claim: Claim | undefined, action: 'send' | 'receive'): void {
  const isAllowed =
    claim?.kind === 'key' || (claim !== undefined && isPermitted(claim.identity, dataActions[action]));
  const right = action === 'send' ? 'Send' : 'Listen';
  if (!isAllowed)
    throw unauthorizedAccess(
      `Unauthorized access. '${right}' claim(s) are required to perform this operation.`,
    );
}
