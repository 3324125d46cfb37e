import { decodeJwt } from 'jose';
import { type AccessTokens, tenantId } from '../identity/access-tokens.ts';
import { type Identity, isPermitted } from '../identity/identities.ts';
import { KeyVaultError } from './key-vault-error.ts';

/** The resource that tokens for Key Vault are minted for. */
export const vaultResource = 'https://vault.azure.net';

/** The data actions of Azure roles, by what they allow to do with secrets. */
export const dataActions = {
  readMetadata: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  getSecret: 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  setSecret: 'Microsoft.KeyVault/vaults/secrets/setSecret/action',
  update: 'Microsoft.KeyVault/vaults/secrets/update/action',
  delete: 'Microsoft.KeyVault/vaults/secrets/delete',
  recover: 'Microsoft.KeyVault/vaults/secrets/recover/action',
  purge: 'Microsoft.KeyVault/vaults/secrets/purge/action',
  backup: 'Microsoft.KeyVault/vaults/secrets/backup/action',
  restore: 'Microsoft.KeyVault/vaults/secrets/restore/action',
} as const;

export type DataAction = (typeof dataActions)[keyof typeof dataActions];

const challenge = {
  'www-authenticate': `Bearer authorization="https://login.windows.net/${tenantId}", resource="${vaultResource}"`,
};

/**
 * The identity behind a request.
 * @throws KeyVaultError 401 with Key Vault's challenge, without which the official clients do not ask for a token.
 */
export async function authenticate(
  accessTokens: AccessTokens,
  authorization: string | undefined,
): Promise<Identity> {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (!token) throw unauthorized('AKV10000: Request is missing a Bearer or PoP token.');
  const identity = await accessTokens.verify(authorization, [vaultResource]);
  if (identity) return identity;
  const audience = audienceOf(token);
  if (audience && audience.replace(/\/$/, '') !== vaultResource)
    throw unauthorized(`AKV10022: Invalid audience. Expected ${vaultResource}, found: ${audience}.`);
  throw unauthorized("[TokenExpired] Error validating token: 'S2S12086'.");
}

/** @throws KeyVaultError 403 when the identity's role does not have the data action. */
export function authorize(
  identity: Identity,
  action: DataAction,
  vault: { resourceId: string; name: string; location: string },
  secretName: string,
): void {
  if (isPermitted(identity, action)) return;
  const resource = secretName ? `${vault.resourceId}/secrets/${secretName}` : vault.resourceId;
  const lines = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: appid=${identity.clientId};oid=${identity.objectId};iss=https://sts.windows.net/${tenantId}/`,
    `Action: '${action}'`,
    `Resource: '${resource.toLowerCase()}'`,
    'Assignment: (not found)',
    'DenyAssignmentId: null',
    "DecisionReason: 'DeniedWithNoValidRBAC' ",
    `Vault: ${vault.name};location=${vault.location}`,
    '',
  ];
  throw new KeyVaultError(403, 'Forbidden', lines.join('\r\n'), { innerCode: 'ForbiddenByRbac' });
}

function unauthorized(message: string): KeyVaultError {
  return new KeyVaultError(401, 'Unauthorized', message, { headers: challenge });
}

function audienceOf(token: string): string | undefined {
  try {
    const { aud } = decodeJwt(token);
    return typeof aud === 'string' ? aud : undefined;
  } catch {
    return undefined;
  }
}
