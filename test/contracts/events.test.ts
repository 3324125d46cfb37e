import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  applicationProperties,
  buildEvent,
  type EventContent,
  type EventOf,
  eventSchema,
} from '../../src/contracts/events.ts';
import { parseCommand } from '../../src/contracts/parse-command.ts';

const denied: EventContent = {
  type: 'keyturn.token.request-denied',
  severity: 'warning',
  data: {
    registry: 'contoso',
    loginServer: 'contoso.azurecr.io',
    token: 'web-team',
    entrance: 'token-requests',
    owner: 'web',
    rule: 'repositoryNotAllowed',
    detail: 'finance/* content/read',
  },
};
const time = '2026-03-01T12:00:00.000Z';

describe('an event', () => {
  it('is a CloudEvent with its severity as extension attribute', () => {
    const event = buildEvent(denied, 'contoso.azurecr.io~web-team/7/0', time);
    expect(event).toEqual({
      specversion: '1.0',
      id: 'contoso.azurecr.io~web-team/7/0',
      source: 'keyturn',
      type: 'keyturn.token.request-denied',
      subject: 'contoso/web-team',
      time,
      datacontenttype: 'application/json',
      severity: 'warning',
      data: denied.data,
    });
    expect(eventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });

  it('can be filtered by type, severity, token, entrance and owner', () => {
    expect(applicationProperties(buildEvent(denied, '1', time))).toEqual({
      type: 'keyturn.token.request-denied',
      severity: 'warning',
      registry: 'contoso',
      token: 'web-team',
      entrance: 'token-requests',
      owner: 'web',
    });
  });

  it('leaves entrance and owner out where nobody manages the token', () => {
    const { entrance: _entrance, owner: _owner, ...data } = denied.data;
    const properties = applicationProperties(buildEvent({ ...denied, data }, '1', time));
    expect(Object.keys(properties)).toEqual(['type', 'severity', 'registry', 'token']);
  });

  it('of a registry has no token, and the registry as subject', () => {
    const resolved: EventContent = {
      type: 'keyturn.registry.drift-resolved',
      severity: 'info',
      data: {
        registry: 'contoso',
        loginServer: 'c.azurecr.io',
        finding: 'eventsMissing',
        since: time,
        at: time,
      },
    };
    const event = buildEvent(resolved, '1', time);
    expect(eventSchema.parse(event)).toEqual(event);
    expect(event.subject).toBe('contoso');
    expect(applicationProperties(event)).toEqual({
      type: 'keyturn.registry.drift-resolved',
      severity: 'info',
      registry: 'contoso',
    });
  });

  it('is refused with a severity that its type does not have, or with a field that it does not have', () => {
    const event = buildEvent(denied, '1', time);
    expect(eventSchema.safeParse({ ...event, severity: 'info' }).success).toBe(false);
    expect(eventSchema.safeParse({ ...event, data: { ...denied.data, password: 'x' } }).success).toBe(false);
  });

  it('has its type decide severity and data', () => {
    expectTypeOf<EventOf<'keyturn.token.expired'>['severity']>().toEqualTypeOf<'critical'>();
    expectTypeOf<EventOf<'keyturn.token.rotated'>['data']['secretUri']>().toEqualTypeOf<string>();
    // @ts-expect-error An expired token is never a piece of information.
    const wrong: EventContent['severity'] & EventOf<'keyturn.token.expired'>['severity'] = 'info';
    expect(wrong).toBe('info');
  });
});

describe('a command of Keyturn to itself', () => {
  it('is refused at the entrances', () => {
    const reconcile = {
      specversion: '1.0',
      id: '1',
      source: 'keyturn',
      type: 'keyturn.internal.reconcile-requested',
      subject: 'contoso/web-team',
      time,
      data: { registry: 'contoso', token: 'web-team' },
    };
    expect(parseCommand(Buffer.from(JSON.stringify(reconcile)))).toMatchObject({
      rejection: { reason: 'internalCommand' },
    });
  });
});
