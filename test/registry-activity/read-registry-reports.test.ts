import { describe, expect, it } from 'vitest';
import { mostReportBytes, readRegistryReports } from '../../src/registry-activity/read-registry-reports.ts';
import type { RegistryReport } from '../../src/registry-activity/registry-report.ts';
import { bodyOf, cloudEvent, dataOf, eventGridEvent, registryId, userClaims } from './reports-by-hand.ts';

const token = `${registryId}/tokens/team-Web`;
const tokenWritten = dataOf('tokens/write', token);

/** What is read of a body in which nothing is wrong. */
function reportsIn(value: unknown): readonly RegistryReport[] {
  const read = readRegistryReports(bodyOf(value));
  expect(read).toMatchObject({ ok: true, rejections: [] });
  return read.ok ? read.reports : [];
}

function reportIn(value: unknown): RegistryReport {
  const [report, ...others] = reportsIn(value);
  expect(others).toEqual([]);
  if (!report) throw new Error('There is no report.');
  return report;
}

function rejectionOf(body: Uint8Array): string {
  const read = readRegistryReports(body);
  return read.ok ? 'none' : read.rejection.description;
}

describe('a report', () => {
  it.each([
    ['Event Grid', eventGridEvent(tokenWritten)],
    ['Event Grid, in an array', [eventGridEvent(tokenWritten)]],
    ['CloudEvents', cloudEvent(tokenWritten)],
    ['CloudEvents, in an array', [cloudEvent(tokenWritten)]],
  ])('says the same in the schema of %s', (_, body) => {
    expect(reportIn(body)).toEqual({
      id: '4db48cba-50a2-455a-93b4-de41a3b5b7f6',
      kind: 'tokenWritten',
      registryId: registryId.toLowerCase(),
      token: 'team-Web',
      at: '2026-03-01T12:00:00.611Z',
      actor: {
        kind: 'application',
        name: 'keyturn',
        objectId: '0b0b0b0b-0000-4000-8000-000000000002',
        appId: '0a0a0a0a-0000-4000-8000-000000000002',
        address: '198.51.100.20',
      },
      correlationId: '5d1c8a7e-1111-4222-8333-444444444444',
      clientRequestId: '27003b25-91d3-418f-8eb1-29e537dcb249',
    });
  });

  it.each([
    ['tokens/write', '/tokens/team-Web', { kind: 'tokenWritten', token: 'team-Web' }],
    ['tokens/delete', '/tokens/team-Web', { kind: 'tokenDeleted', token: 'team-Web' }],
    ['scopeMaps/write', '/scopeMaps/team_web-map', { kind: 'scopeMapWritten', scopeMap: 'team_web-map' }],
    ['scopeMaps/delete', '/scopeMaps/team_web-map', { kind: 'scopeMapDeleted', scopeMap: 'team_web-map' }],
    ['generateCredentials/action', '', { kind: 'credentialsGenerated' }],
    ['generateCredentials/action', '/generateCredentials', { kind: 'credentialsGenerated' }],
    ['generateCredentials/action', '/tokens/team-Web', { kind: 'credentialsGenerated', token: 'team-Web' }],
    ['write', '', { kind: 'registryWritten' }],
    ['delete', '', { kind: 'registryDeleted' }],
    ['listCredentials/action', '', { kind: 'adminCredentialsListed' }],
    ['regenerateCredential/action', '', { kind: 'adminCredentialsRegenerated' }],
  ])('of %s on the registry’s "%s" names it', (operation, path, expected) => {
    const { id, at, actor, correlationId, clientRequestId, ...named } = reportIn(
      eventGridEvent(dataOf(operation, registryId + path)),
    );
    expect(named).toEqual({ registryId: registryId.toLowerCase(), ...expected });
  });

  it('is read whatever the case of names that Azure writes', () => {
    const loud = dataOf('x', token.toUpperCase(), {
      operationName: 'MICROSOFT.CONTAINERREGISTRY/REGISTRIES/TOKENS/WRITE',
    });
    const type = 'microsoft.resources.RESOURCEWRITESUCCESS';
    expect(reportIn(eventGridEvent(loud, { eventType: type }))).toMatchObject({
      kind: 'tokenWritten',
      registryId: registryId.toLowerCase(),
      token: 'TEAM-WEB',
    });
  });

  it.each([
    ['subject', { resourceUri: undefined, authorization: undefined }, token],
    ['scope', { resourceUri: 7 }, `${registryId}/deployments/first`],
  ])('finds the resource in the %s when its own field does not have it', (_, changes, subject) => {
    const event = eventGridEvent({ ...tokenWritten, ...changes }, { subject });
    expect(reportIn(event)).toMatchObject({ token: 'team-Web' });
  });

  it('shows a user by the name to sign in with, from where the application was', () => {
    const event = eventGridEvent({ ...tokenWritten, claims: userClaims, httpRequest: undefined });
    expect(reportIn(event)).toMatchObject({
      actor: {
        kind: 'user',
        name: 'ada.bauer@contoso.example',
        objectId: '0b0b0b0b-0000-4000-8000-000000000004',
        appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
        address: '203.0.113.7',
      },
      clientRequestId: undefined,
    });
  });

  it.each([
    ['nothing', {}, 'unknown', undefined],
    ['texts that are no claims', { appid: 7, name: ['x'] }, 'unknown', undefined],
    ['short names of a user', { oid: 'x', scp: 'user_impersonation', name: 'Ada' }, 'user', 'Ada'],
    ['an application that says so', { idtyp: 'app', scp: 'odd', appid: 'x' }, 'application', undefined],
    [
      'a user who says so',
      { idtyp: 'user', unique_name: 'ada@contoso.example' },
      'user',
      'ada@contoso.example',
    ],
    ['a name that hides how it reads', { upn: '\u202Eada\u0000\n bauer\u2028 ' }, 'user', 'ada bauer'],
    ['a name without an end', { upn: '🔑'.repeat(999) }, 'user', '🔑'.repeat(256)],
  ])('takes the actor from %s', (_, claims, kind, name) => {
    const { actor } = reportIn(eventGridEvent({ ...tokenWritten, claims }));
    expect([actor.kind, actor.name]).toEqual([kind, name]);
  });

  it.each([
    ['User', 'user'],
    ['ServicePrincipal', 'application'],
    ['Group', 'unknown'],
  ])('without claims knows the actor as the role assignment does: %s', (principalType, kind) => {
    const authorization = { scope: token, evidence: { principalType } };
    expect(reportIn(eventGridEvent({ ...tokenWritten, claims: undefined, authorization })).actor.kind).toBe(
      kind,
    );
  });

  it('is read when claims and request are texts of JSON, as older libraries have them', () => {
    const { claims, httpRequest } = tokenWritten;
    const texts = { claims: JSON.stringify(claims), httpRequest: JSON.stringify(httpRequest) };
    expect(reportIn(eventGridEvent({ ...tokenWritten, ...texts }))).toEqual(
      reportIn(eventGridEvent(tokenWritten)),
    );
  });
});

describe('a message', () => {
  it('may hold several reports, also in both schemas', () => {
    const events = [eventGridEvent(tokenWritten), cloudEvent(dataOf('tokens/delete', token))];
    expect(reportsIn(events).map(({ kind }) => kind)).toEqual(['tokenWritten', 'tokenDeleted']);
  });

  it.each([
    ['no event', []],
    [
      'an operation that failed',
      eventGridEvent(tokenWritten, { eventType: 'Microsoft.Resources.ResourceWriteFailure' }),
    ],
    ['another operation', eventGridEvent(dataOf('webhooks/write', `${registryId}/webhooks/one`))],
    [
      'an event of Event Grid itself',
      { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: {} },
    ],
    ['another event', { specversion: '1.0', type: 'keyturn.token.requested' }],
  ])('with %s holds no report', (_, body) => {
    const ignored = Array.isArray(body) ? 0 : 1;
    expect(readRegistryReports(bodyOf(body))).toEqual({ ok: true, reports: [], ignored, rejections: [] });
  });

  it('loses no report for what else is in the array', () => {
    const other = eventGridEvent(dataOf('webhooks/write', `${registryId}/webhooks/one`));
    const body = bodyOf([{ data: 'secret' }, eventGridEvent(tokenWritten), other]);
    expect(readRegistryReports(body)).toMatchObject({
      ok: true,
      reports: [{ token: 'team-Web' }],
      ignored: 1,
      rejections: [{ reason: 'notResourceEvent' }],
    });
  });

  it.each([
    ['no JSON', Buffer.from('{'), 'the body is not JSON in UTF-8'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the body is not JSON in UTF-8'],
    ['too much', Buffer.alloc(mostReportBytes + 1, ' '), 'the body is larger than a megabyte'],
    ['a text', bodyOf('event'), /: event wrongType$/],
    ['arrays in arrays', bodyOf([[tokenWritten]]), /: event wrongType$/],
    ['no time', bodyOf(eventGridEvent(tokenWritten, { eventTime: 'today' })), /: eventTime invalidInstant$/],
    [
      'no operation',
      bodyOf(cloudEvent({}, { type: 'Microsoft.Resources.ResourceWriteSuccess' })),
      /: data\.operationName missing$/,
    ],
    [
      'a CloudEvent of later days',
      bodyOf(cloudEvent(tokenWritten, { specversion: '2.0' })),
      /: specversion notOneOf$/,
    ],
    [
      'a token that is none',
      bodyOf(eventGridEvent(dataOf('tokens/write', registryId))),
      /does not name a registry, token or scope map/,
    ],
    [
      'a registry of another kind',
      bodyOf(
        eventGridEvent(
          dataOf('write', '/subscriptions/x/resourceGroups/y/providers/Microsoft.Other/registries/z'),
        ),
      ),
      /does not name/,
    ],
  ])('with %s is refused, saying why', (_, body, description) => {
    expect(rejectionOf(body)).toMatch(description);
  });
});
