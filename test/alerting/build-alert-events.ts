import { buildEvent, type KeyturnEvent } from '../../src/contracts/events.ts';
import type { Instant } from '../../src/contracts/instants.ts';

let number = 0;
const run = Math.random().toString(36).slice(2);
const nextId = () => {
  number += 1;
  return `event-${run}-${number}`;
};

const about = (token: string) => ({ registry: 'contoso', loginServer: 'contoso.azurecr.io', token });

/** A token that somebody has disabled. */
export function disabledByOthers(token: string, time: Instant, drift: object = {}): KeyturnEvent {
  return buildEvent(
    {
      type: 'keyturn.token.disabled',
      severity: 'critical',
      data: {
        ...about(token),
        entrance: 'token-requests',
        owner: token,
        cause: 'outOfBand',
        at: time,
        drift: {
          finding: 'disabledOutOfBand',
          since: time,
          differences: [{ what: 'status', believed: 'enabled', found: 'disabled' }],
          cause: 'azurePolicy',
          evidence: ['Azure reports that a policy did it.'],
          noticedBy: 'report',
          done: 'nothing',
          ...drift,
        },
      },
    },
    nextId(),
    time,
  );
}

/** It is enabled again. */
export function enabledAgain(token: string, time: Instant): KeyturnEvent {
  const gone = { finding: 'disabledOutOfBand', since: time, at: time } as const;
  return buildEvent(
    { type: 'keyturn.token.drift-resolved', severity: 'info', data: { ...about(token), ...gone } },
    nextId(),
    time,
  );
}

export function requestDenied(token: string, time: Instant, rule = 'repositoryNotAllowed'): KeyturnEvent {
  const data = { ...about(token), entrance: 'token-requests', rule };
  return buildEvent({ type: 'keyturn.token.request-denied', severity: 'warning', data }, nextId(), time);
}

export function rotationFailed(token: string, time: Instant, code: string): KeyturnEvent {
  const data = { ...about(token), code, since: time, attempts: 3, deadline: time };
  return buildEvent({ type: 'keyturn.token.rotation-failed', severity: 'warning', data }, nextId(), time);
}
