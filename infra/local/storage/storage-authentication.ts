import { type AccessTokens, tenantId } from '../identity/access-tokens.ts';
import type { Identity } from '../identity/identities.ts';
import type { StorageService } from './azurite-process.ts';
import { storageErrorAnswer } from './storage-error.ts';

/** The resource that tokens for storage are minted for. */
export const storageResource = 'https://storage.azure.com';

const challenge = {
  'www-authenticate': `Bearer authorization_uri=https://login.microsoftonline.com/${tenantId}/oauth2/authorize resource_id=${storageResource}`,
};

const seeHeader =
  'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.';

/**
 * The identity behind a request, or the refusal of an account on which shared keys are not allowed. Azurite itself does
 * not check the signature of a token.
 */
export async function authenticateForStorage(
  service: StorageService,
  accessTokens: AccessTokens,
  authorization: string | undefined,
  query: URLSearchParams,
): Promise<Identity | Response> {
  const refuse = storageErrorAnswer(service);
  if (authorization?.startsWith('SharedKey') || query.has('sig'))
    return refuse({
      status: 403,
      code: 'KeyBasedAuthenticationNotPermitted',
      message: 'Key based authentication is not permitted on this storage account.',
    });
  if (!authorization)
    return refuse({
      status: 401,
      code: 'NoAuthenticationInformation',
      message: seeHeader,
      headers: challenge,
    });
  const identity = await accessTokens.verify(authorization, [storageResource]);
  return (
    identity ??
    refuse({ status: 401, code: 'InvalidAuthenticationInfo', message: seeHeader, headers: challenge })
  );
}
