import { decodeJwt } from 'jose';
import { type AccessTokens, tenantId } from '../../identity/access-tokens.ts';
import { type Identity, isPermitted } from '../../identity/identities.ts';
import { ServiceError } from './service-error.ts';

const audiences = ['https://management.core.windows.net', 'https://management.azure.com'];

/**
 * The identity that asks.
 * @throws ServiceError with status 401 and the challenge that Azure Resource Manager gives.
 */
export async function authenticate(
  accessTokens: AccessTokens,
  authorization: string | undefined,
): Promise<Identity> {
  const identity = await accessTokens.verify(authorization, audiences);
  if (identity) return identity;
  if (!authorization)
    throw unauthenticated(
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
      "The authentication failed because of missing 'Authorization' header.",
    );
  const audience = audienceOf(authorization);
  if (audience !== undefined && !audiences.includes(audience.replace(/\/$/, ''))) {
    const allowed = audiences.flatMap((one) => [`'${one}/'`, `'${one}'`]).join(',');
    throw unauthenticated(
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences ${allowed}.`,
    );
  }
  throw unauthenticated('InvalidAuthenticationToken', 'The access token is invalid.');
}

/** @throws ServiceError with status 403 when the identity's role does not allow the action. */
export function authorize(identity: Identity, action: string, scope: string): void {
  if (isPermitted(identity, action)) return;
  throw new ServiceError(
    'gateway',
    403,
    'AuthorizationFailed',
    `The client '${identity.clientId}' with object id '${identity.objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

function unauthenticated(code: string, message: string, description = message): ServiceError {
  return new ServiceError('gateway', 401, code, message, {
    'www-authenticate': `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token", error_description="${description.replace(/[^ !#-~]/g, '?')}"`,
  });
}

function audienceOf(authorization: string): string | undefined {
  try {
    const { aud } = decodeJwt(authorization.replace(/^Bearer /i, ''));
    return typeof aud === 'string' ? aud : undefined;
  } catch {
    return undefined;
  }
}
