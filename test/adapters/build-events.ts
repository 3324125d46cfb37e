import { buildEvent, type KeyturnEvent } from '../../src/contracts/events.ts';
import { start } from '../lifecycle/build.ts';

export function tokenRequestDenied(id: string): KeyturnEvent {
  return buildEvent(
    {
      type: 'keyturn.token.request-denied',
      severity: 'warning',
      data: {
        registry: 'contoso',
        loginServer: 'contoso.azurecr.io',
        token: 'team-web',
        entrance: 'token-requests',
        rule: 'sourceNotAllowed',
      },
    },
    id,
    start,
  );
}
