import { decodeJwt } from 'jose';
import type { AccessTokens } from '../../identity/access-tokens.ts';
import { expiredToken, type ServiceBusError, unauthorizedAccess } from '../service-bus-error.ts';
import type { Claim } from './claim.ts';
import { signatureExpiry } from './shared-access-signature.ts';

/** Far beyond any token, and still a date; in seconds. */
const latestExpiry = 1e12;

/** The resource for which access tokens must be minted. */
const audience = 'https://servicebus.azure.net';

/**
 * What a token proves. Types are `servicebus.windows.net:sastoken` and `jwt`.
 * @throws ServiceBusError amqp:unauthorized-access when it proves nothing, com.microsoft:auth-failed when it does no more
 */
export async function proveClaim(
  type: string | undefined,
  token: string | undefined,
  accessTokens: AccessTokens | undefined,
): Promise<Claim> {
  const expiresAt = expiryOf(type, token ?? '');
  if (expiresAt === undefined) throw invalidToken();
  if (expiresAt <= Date.now()) throw expiredToken(expiresAt);
  if (type !== 'jwt') return { kind: 'key', expiresAt };
  const identity = await accessTokens?.verify(`Bearer ${token}`, [audience]);
  if (!identity) throw invalidToken();
  return { kind: 'identity', identity, expiresAt };
}

/** Milliseconds since 1970; nothing for what is no token, or was signed by somebody else where that can be told at once. */
function expiryOf(type: string | undefined, token: string): number | undefined {
  if (type === 'servicebus.windows.net:sastoken') return signatureExpiry(token);
  return type === 'jwt' ? accessTokenExpiry(token) : undefined;
}

function accessTokenExpiry(token: string): number | undefined {
  try {
    const { exp } = decodeJwt(token);
    return typeof exp === 'number' && exp > 0 && exp < latestExpiry ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function invalidToken(): ServiceBusError {
  return unauthorizedAccess('InvalidSignature: The token has an invalid signature.');
}
