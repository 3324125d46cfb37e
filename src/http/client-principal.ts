import { z } from 'zod';

/** Somebody whom App Service Authentication has authenticated with Entra. */
export interface ClientPrincipal {
  readonly tenantId: string;
  readonly objectId: string;
  readonly roles: ReadonlySet<string>;
}

export const clientPrincipalHeader = 'x-ms-client-principal';

/** Source: App Service's documentation of how to decode the client principal's header. */
const principalSchema = z.object({
  auth_typ: z.literal('aad'),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

/** Claims under the names that access tokens have, and under those that App Service may put in their place. */
const tenantClaims = ['tid', 'http://schemas.microsoft.com/identity/claims/tenantid'];
const objectClaims = ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'];
const roleClaims = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];

/** Reads the header that App Service sets. Undefined: it is missing, or says nothing that could be relied on. */
export function readClientPrincipal(header: string | undefined): ClientPrincipal | undefined {
  const parsed = principalSchema.safeParse(decode(header ?? ''));
  if (!parsed.success) return undefined;
  const { claims } = parsed.data;
  const valuesOf = (names: readonly string[]) =>
    new Set(claims.filter(({ typ }) => names.includes(typ)).map(({ val }) => val));
  const tenantId = onlyOne(valuesOf(tenantClaims));
  const objectId = onlyOne(valuesOf(objectClaims));
  if (tenantId === undefined || objectId === undefined) return undefined;
  return { tenantId, objectId, roles: valuesOf(roleClaims) };
}

/** More than one would leave open who it is. */
function onlyOne(values: ReadonlySet<string>): string | undefined {
  const [value] = values;
  return values.size === 1 ? value?.toLowerCase() : undefined;
}

function decode(header: string): unknown {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(header)) return undefined;
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
