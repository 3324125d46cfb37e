import type { TokenEvent } from '../../../infra/local/demo/token-event.ts';

/** An event as Keyturn sends it; `kind` is the last word of its type. */
export function tokenEvent(
  kind: string,
  token: string,
  data: Partial<TokenEvent['data']> = {},
  severity: TokenEvent['severity'] = 'info',
): TokenEvent {
  return {
    id: `${kind}-${token}`,
    type: `keyturn.token.${kind}`,
    severity,
    time: '2027-01-17T10:11:12.000Z',
    data: { token, ...data },
  };
}

export const credential = {
  slot: 'password1',
  secretUri: 'https://127.0.0.1:8443/secrets/acr-contoso--team-web',
  secretVersion: '0a1b',
  expiresAt: '2027-02-04T06:00:00.000Z',
  nextRotation: '2027-01-17T09:00:00.000Z',
} as const;
