/** What an access token says of whose it is. It is not checked here: the services do that. */
export interface TokenClaims {
  readonly clientId?: string;
  readonly objectId?: string;
}

/** Nothing of what cannot be read: for its clients an access token has no form. */
export function tokenClaims(accessToken: string): TokenClaims {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    const claim = (name: string) => guidIn(payload, name);
    const clientId = claim('appid') ?? claim('azp');
    const objectId = claim('oid');
    return { ...(clientId ? { clientId } : {}), ...(objectId ? { objectId } : {}) };
  } catch {
    return {};
  }
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function guidIn(payload: unknown, name: string): string | undefined {
  const value: unknown =
    typeof payload === 'object' && payload !== null ? Reflect.get(payload, name) : undefined;
  return typeof value === 'string' && guid.test(value) ? value.toLowerCase() : undefined;
}
