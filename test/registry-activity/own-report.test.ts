import { describe, expect, it } from 'vitest';
import { newOwnRequestId } from '../../src/adapters/own-request-id.ts';
import { isOwnIdentity, isOwnReport } from '../../src/registry-activity/own-report.ts';
import type { ReportedActor } from '../../src/registry-activity/registry-report.ts';

const identity = {
  clientId: '0A0A0A0A-0000-4000-8000-000000000002',
  objectId: '0b0b0b0b-0000-4000-8000-000000000002',
};
const ourselves: ReportedActor = {
  kind: 'application',
  name: 'keyturn',
  objectId: '0b0b0b0b-0000-4000-8000-000000000002',
  appId: '0a0a0a0a-0000-4000-8000-000000000002',
  address: undefined,
};
const none = { objectId: undefined, appId: undefined };

describe('a report is our own', () => {
  it.each<[string, boolean, Partial<ReportedActor>, typeof identity | object]>([
    ['with our request id and identity', true, {}, identity],
    ['when only the client id is configured', true, {}, { clientId: identity.clientId }],
    ['when only the object id is configured', true, {}, { objectId: identity.objectId }],
    ['when only one id is told', true, { objectId: undefined }, identity],
    ['when of the identity nothing is told', false, none, identity],
    ['when of the identity nothing is configured', false, {}, {}],
    ['when what is told is not what is configured', false, { objectId: undefined }, { objectId: 'x' }],
    ['of another client id', false, { appId: 'other' }, identity],
    ['of another object id', false, { objectId: 'other' }, identity],
    ['of a user who came by our application', false, { kind: 'user' }, { clientId: identity.clientId }],
  ])('%s: %s', (_, expected, actor, own) => {
    const kind = 'credentialsGenerated' as const;
    const report = { kind, actor: { ...ourselves, ...actor }, clientRequestId: newOwnRequestId() };
    expect(isOwnReport(report, own)).toBe(expected);
    expect(isOwnIdentity(report.actor, own)).toBe(expected);
  });

  it.each([
    ['tokenWritten', true],
    ['scopeMapWritten', true],
    ['tokenDeleted', false],
    ['credentialsGenerated', false],
    ['registryWritten', false],
  ] as const)('without a request id only of what may be a creation (%s: %s)', (kind, expected) => {
    expect(isOwnReport({ kind, actor: ourselves, clientRequestId: undefined }, identity)).toBe(expected);
    const others = { ...ourselves, objectId: 'other' };
    expect(isOwnReport({ kind, actor: others, clientRequestId: undefined }, identity)).toBe(false);
  });

  it('never with the request id of somebody else', () => {
    const clientRequestId = '27003b25-91d3-418f-8eb1-29e537dcb249';
    const kind = 'tokenWritten';
    expect(isOwnReport({ kind, actor: ourselves, clientRequestId }, identity)).toBe(false);
  });
});
