import { describe, expect, it } from 'vitest';
import {
  coverageDiagnosis,
  type EventSubscription,
  eventDiagnoses,
  eventSubscriptionSchema,
  isTopicOf,
} from '../../../src/operations/doctor/registry/event-coverage.ts';
import { reportedOperations } from '../../../src/registry-activity/registry-report.ts';

const subject = { kind: 'events', name: 'contoso' };
const group = '/subscriptions/s/resourceGroups/images';
const wanted = {
  registryId: `${group}/providers/Microsoft.ContainerRegistry/registries/contoso`,
  queue: 'registry-activity',
  namespace: 'sb-keyturn',
};
const types = ['ResourceWriteSuccess', 'ResourceDeleteSuccess', 'ResourceActionSuccess'];

interface Changes {
  readonly queueId?: string;
  readonly state?: string;
  readonly filter?: object;
  readonly withIdentity?: boolean;
}

function subscription(changes: Changes = {}): EventSubscription {
  const resourceId =
    changes.queueId ??
    '/subscriptions/s/resourceGroups/k/providers/Microsoft.ServiceBus/namespaces/SB-keyturn/queues/registry-activity';
  const destination = { endpointType: 'ServiceBusQueue', properties: { resourceId } };
  const filter = {
    includedEventTypes: types.map((type) => `Microsoft.Resources.${type}`),
    advancedFilters: [
      { operatorType: 'StringIn', key: 'data.operationName', values: Object.values(reportedOperations) },
    ],
    ...changes.filter,
  };
  return eventSubscriptionSchema.parse({
    name: 'reports',
    properties: {
      provisioningState: changes.state ?? 'Succeeded',
      ...(changes.withIdentity === false
        ? { destination }
        : { deliveryWithResourceIdentity: { destination } }),
      filter,
    },
  });
}

const judged = (...subscriptions: EventSubscription[]) => {
  const { verdict, says } = coverageDiagnosis(subject, subscriptions, wanted);
  return [verdict, says];
};

describe('the reports of a registry', () => {
  it('are covered by a subscription that leads to the queue, with the identity of the topic or without', () => {
    expect(judged(subscription())).toEqual([
      'ok',
      'changes are reported to registry-activity (event subscription reports)',
    ]);
    expect(judged(subscription({ withIdentity: false }))[0]).toBe('ok');
    expect(judged(subscription({ filter: { advancedFilters: null, includedEventTypes: null } }))[0]).toBe(
      'ok',
    );
  });

  it.each(['namespaces/sb-keyturn/queues/other', 'namespaces/elsewhere/queues/registry-activity', ''])(
    'are not covered by one that leads to %j',
    (queueId) => {
      expect(judged(subscription({ queueId }))).toEqual([
        'red',
        'no event subscription leads from its resource group to queue registry-activity',
      ]);
    },
  );

  it('are not covered by one that is not in force, or by none', () => {
    expect(judged(subscription({ state: 'Failed' }))).toEqual([
      'red',
      'the event subscription reports is not in force (Failed)',
    ]);
    expect(judged()[0]).toBe('red');
  });

  it('are covered in part where a filter leaves something out, which is named', () => {
    const values = Object.values(reportedOperations).filter(
      (name) => !name.endsWith('generateCredentials/action'),
    );
    const advancedFilters = [{ operatorType: 'StringIn', key: 'data.operationName', values }];
    expect(judged(subscription({ filter: { advancedFilters } }))).toEqual([
      'warn',
      'the event subscription reports leaves out registries/generateCredentials/action',
    ]);
    expect(
      judged(
        subscription({ filter: { includedEventTypes: ['Microsoft.Resources.ResourceWriteSuccess'] } }),
      )[1],
    ).toMatch(
      /leaves out Microsoft\.Resources\.ResourceDeleteSuccess, Microsoft\.Resources\.ResourceActionSuccess$/,
    );
    expect(judged(subscription({ filter: { subjectBeginsWith: `${group}/other` } }))[1]).toMatch(
      /leaves out this registry/,
    );
    expect(judged(subscription({ filter: { subjectBeginsWith: group.toUpperCase() } }))[0]).toBe('ok');
  });

  it('are covered if one of several subscriptions covers them', () => {
    expect(judged(subscription({ state: 'Failed' }), subscription())[0]).toBe('red');
    expect(judged(subscription({ queueId: 'a/queues/b' }), subscription())[0]).toBe('ok');
  });

  it('come from the topic of the very resource group', () => {
    const topic = (topicType: string, source: string) => ({ id: 't', properties: { topicType, source } });
    expect(isTopicOf(topic('microsoft.resources.resourcegroups', group.toUpperCase()), group)).toBe(true);
    expect(isTopicOf(topic('Microsoft.Resources.ResourceGroups', `${group}2`), group)).toBe(false);
    expect(isTopicOf(topic('Microsoft.KeyVault.vaults', group), group)).toBe(false);
  });

  it('are believed to come where they have come, and not where Keyturn misses one', () => {
    const seen = coverageDiagnosis(subject, [subscription()], wanted);
    const lastAt = '2026-03-01T12:00:00.000Z';
    const verdicts = (
      ...told: Parameters<typeof eventDiagnoses> extends [unknown, ...infer Rest] ? Rest : never
    ) => eventDiagnoses(subject, ...told).map(({ verdict }) => verdict);
    expect(verdicts(seen, undefined)).toEqual(['ok']);
    expect(verdicts(seen, { missing: true, lastAt })).toEqual(['ok', 'red']);
    expect(verdicts('accessDenied', { missing: false, lastAt })).toEqual(['ok']);
    expect(verdicts('accessDenied', { missing: true, lastAt })).toEqual(['red']);
    expect(verdicts('accessDenied', { missing: false })).toEqual(['warn']);
    expect(verdicts('accessDenied', undefined)).toEqual(['warn']);
  });
});
