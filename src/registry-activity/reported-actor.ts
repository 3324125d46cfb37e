import type { ResourceEvent } from './event-schemas.ts';
import type { ReportedActor } from './registry-report.ts';

type Claims = NonNullable<ResourceEvent['data']['claims']>;

/** Who did it, by the claims of the access token that Azure Resource Manager was shown. */
export function reportedActor({ data }: ResourceEvent): ReportedActor {
  const claims: Partial<Claims> = data.claims ?? {};
  const kind = kindOf(claims, data.authorization?.evidence?.principalType);
  const objectId = claims['http://schemas.microsoft.com/identity/claims/objectidentifier'] ?? claims.oid;
  return {
    kind,
    name: kind === 'user' ? userName(claims) : identityName(claims),
    objectId: objectId?.toLowerCase(),
    appId: appId(claims)?.toLowerCase(),
    address: data.httpRequest?.clientIpAddress ?? claims.ipaddr,
  };
}

/** A token with a scope was given to an application for a user who signed in; one without is the application's own. */
function kindOf(claims: Partial<Claims>, principalType: string | undefined): ReportedActor['kind'] {
  if (claims.idtyp === 'app') return 'application';
  if (claims.idtyp === 'user' || userPrincipalName(claims) !== undefined || scope(claims) !== undefined)
    return 'user';
  if (principalType === 'User') return 'user';
  if (principalType === 'ServicePrincipal' || appId(claims) !== undefined) return 'application';
  return 'unknown';
}

function userName(claims: Partial<Claims>): string | undefined {
  return (
    userPrincipalName(claims) ??
    claims['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name'] ??
    claims.unique_name ??
    claims.name
  );
}

function identityName({ xms_mirid, name }: Partial<Claims>): string | undefined {
  return xms_mirid?.split('/').at(-1) || name;
}

function userPrincipalName(claims: Partial<Claims>): string | undefined {
  return claims['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'] ?? claims.upn;
}

function scope(claims: Partial<Claims>): string | undefined {
  return claims['http://schemas.microsoft.com/identity/claims/scope'] ?? claims.scp;
}

function appId({ appid, azp }: Partial<Claims>): string | undefined {
  return appid ?? azp;
}
