import type { AccessTokens } from '../../identity/access-tokens.ts';
import { unauthorizedAccess } from '../service-bus-error.ts';
import type { Claim } from './claim.ts';
import { isValidSharedAccessSignature } from './shared-access-signature.ts';

/** The resource for which access tokens must be minted. */
const audience = 'https://servicebus.azure.net';

/**
 * What a token proves. Types are `servicebus.windows.net:sastoken` and `jwt`.
 * @throws ServiceBusError amqp:unauthorized-access when it proves nothing
 */
export async function proveClaim(
  type: string | undefined,
  token: string | undefined,
  accessTokens: AccessTokens | undefined,
): Promise<Claim> {
  if (type === 'servicebus.windows.net:sastoken' && isValidSharedAccessSignature(token ?? ''))
    return { kind: 'key' };
  const identity = type === 'jwt' ? await accessTokens?.verify(`Bearer ${token}`, [audience]) : undefined;
  if (!identity) throw unauthorizedAccess('InvalidSignature: The token has an invalid signature.');
  return { kind: 'identity', identity };
}
