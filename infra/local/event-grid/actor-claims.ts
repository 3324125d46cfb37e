import { tenantId } from '../identity/access-tokens.ts';
import type { Identity } from '../identity/identities.ts';

const microsoft = 'http://schemas.microsoft.com/identity/claims';
const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

/** The claims of the caller's access token as the activity log names them: all are texts. */
export function actorClaims(
  identity: Identity,
  at: Date,
  clientAddress: string | undefined,
): Record<string, string> {
  const { clientId, objectId, resourceId, person } = identity;
  const issuedAt = Math.floor(at.getTime() / 1000);
  return {
    aud: 'https://management.core.windows.net/',
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: String(issuedAt),
    nbf: String(issuedAt),
    exp: String(issuedAt + 3_600),
    appid: clientId,
    appidacr: person ? '0' : '2',
    [`${microsoft}/identityprovider`]: `https://sts.windows.net/${tenantId}/`,
    [`${microsoft}/objectidentifier`]: objectId,
    [`${soap}/nameidentifier`]: objectId,
    [`${microsoft}/tenantid`]: tenantId,
    ver: '1.0',
    ...(resourceId === undefined ? {} : { xms_mirid: resourceId }),
    ...(person ? personClaims(person, clientAddress) : {}),
  };
}

function personClaims(
  { name, userPrincipalName }: NonNullable<Identity['person']>,
  clientAddress: string | undefined,
): Record<string, string> {
  return {
    'http://schemas.microsoft.com/claims/authnmethodsreferences': 'pwd,mfa',
    [`${microsoft}/scope`]: 'user_impersonation',
    [`${soap}/name`]: userPrincipalName,
    [`${soap}/upn`]: userPrincipalName,
    name,
    ...(clientAddress === undefined ? {} : { ipaddr: clientAddress }),
  };
}
