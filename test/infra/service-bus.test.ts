import { describe, expect, it } from 'vitest';
import type { EventType } from '../../src/contracts/events.ts';
import type { DeployedResource } from './bicep/deploy-resource.ts';
import { type Fields, fieldsOf, listOf, textOf } from './bicep/values.ts';
import {
  deployKeyturn,
  eventGridObjectId,
  grantsOf,
  keyturnObjectId,
  localJson,
  ofType,
  within,
} from './deployed-keyturn.ts';

/** Beside what Keyturn uses: it holds copies of critical events for Azure Monitor, which the local cloud has not. */
const forAzureMonitor = 'critical-events';

const { entrances: localEntrances } = localJson('keyturn/configuration.json');
const entrances = Object.entries(fieldsOf(localEntrances)).map(([name, entrance]) => ({
  name,
  ...fieldsOf(entrance),
}));
const deployment = deployKeyturn({
  registries: [{ name: 'contoso' }],
  vaults: [{ name: 'keyturn' }],
  entrances,
});
const [localNamespace] = listOf(within(localJson('service-bus.config.json'), 'UserConfig', 'Namespaces'));
const local = fieldsOf(localNamespace);

const lastName = ({ name }: DeployedResource) => textOf(name.split('/').at(-1));
const made = (type: string) =>
  new Map(
    ofType(deployment, `Microsoft.ServiceBus/namespaces/${type}`).map((one) => [lastName(one), one] as const),
  );

/** The properties of the local entity in the spelling of Azure, with what it has there. */
function bothOf(entity: Fields, resource: DeployedResource | undefined): [Fields, Fields] {
  const stated = Object.entries(fieldsOf(entity.Properties)).map(
    ([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value] as const,
  );
  const properties = fieldsOf(resource?.body.properties);
  return [Object.fromEntries(stated), Object.fromEntries(stated.map(([key]) => [key, properties[key]]))];
}

describe('the queues', () => {
  const queues = made('queues');

  it('are those of the local cloud, with the same properties', () => {
    const expected = listOf(local.Queues).map(fieldsOf);
    expect([...queues.keys()].filter((name) => name !== forAzureMonitor).toSorted()).toEqual(
      expected.map(({ Name }) => textOf(Name)).toSorted(),
    );
    for (const entity of expected) {
      const [stated, deployed] = bothOf(entity, queues.get(textOf(entity.Name)));
      expect(deployed).toEqual(stated);
    }
  });

  it('discard nothing without a trace', () => {
    for (const { body } of queues.values())
      expect(body.properties).toMatchObject({
        requiresDuplicateDetection: false,
        requiresSession: false,
        maxDeliveryCount: 50,
        deadLetteringOnMessageExpiration: true,
      });
  });
});

describe('the topic', () => {
  const [localTopic] = listOf(local.Topics).map(fieldsOf);

  it('is the one of the local cloud, with the same properties', () => {
    const [topic] = made('topics').values();
    const [stated, deployed] = bothOf(fieldsOf(localTopic), topic);
    expect(deployed).toEqual(stated);
    expect(deployed.requiresDuplicateDetection).toBe(true);
  });

  it('has the subscriptions of the local cloud, with the same properties and filters', () => {
    const subscriptions = made('topics/subscriptions');
    const expected = listOf(localTopic?.Subscriptions).map(fieldsOf);
    expect([...subscriptions.keys()].filter((name) => name !== forAzureMonitor).toSorted()).toEqual(
      expected.map(({ Name }) => textOf(Name)).toSorted(),
    );
    for (const entity of expected) {
      const name = textOf(entity.Name);
      const [stated, deployed] = bothOf(entity, subscriptions.get(name));
      expect(deployed).toEqual(stated);
      expect(filtersOf(name)).toEqual(localFilters(entity));
    }
  });

  it('lets nothing through by the rule that every subscription begins with, where others filter', () => {
    for (const { name, body } of ofType(
      deployment,
      'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules',
    )) {
      if (!name.endsWith('/$Default')) continue;
      const everything = name.endsWith('/archive/$Default');
      expect(within(body, 'properties', 'sqlFilter', 'sqlExpression')).toBe(everything ? '1=1' : '1=0');
    }
  });

  it('brings to alerting what is an alert, and what ends one, each by a rule of its own', () => {
    const types: readonly EventType[] = ['keyturn.token.drift-resolved', 'keyturn.registry.drift-resolved'];
    expect(filtersOf('alerts').map(([, properties]) => properties)).toEqual([
      ...['warning', 'critical'].map((severity) => ({ severity })),
      ...types.map((type) => ({ type })),
    ]);
  });

  it('copies critical events to a queue that Azure Monitor watches', () => {
    expect(filtersOf(forAzureMonitor)).toEqual([['critical', { severity: 'critical' }]]);
    const subscription = made('topics/subscriptions').get(forAzureMonitor);
    expect(within(subscription?.body, 'properties', 'forwardTo')).toBe(forAzureMonitor);
    expect(made('queues').has(forAzureMonitor)).toBe(true);
  });
});

function filtersOf(subscription: string): [string, unknown][] {
  return ofType(deployment, 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules')
    .filter(({ name }) => name.split('/').at(-2) === subscription && !name.endsWith('/$Default'))
    .map((rule) => [lastName(rule), within(rule.body, 'properties', 'correlationFilter', 'properties')]);
}

function localFilters({ Rules }: Fields): [string, unknown][] {
  return listOf(Rules ?? [])
    .map(fieldsOf)
    .map((rule) => [textOf(rule.Name), within(rule, 'Properties', 'CorrelationFilter', 'Properties')]);
}

describe('whoever may send', () => {
  const sender = 'Azure Service Bus Data Sender';
  const sendersTo = (from: ReturnType<typeof deployKeyturn>, queue: string) =>
    grantsOf(from)
      .filter(({ on, role }) => role === sender && on.endsWith(`/queues/${queue}`))
      .map(({ to }) => to)
      .toSorted();

  it('may send to queues and the topic, never to the whole namespace', () => {
    const grants = grantsOf(deployment).filter(({ role }) => role.startsWith('Azure Service Bus'));
    expect(grants.length).toBeGreaterThan(0);
    for (const { on } of grants) expect(on).toMatch(/\/(queues|topics|subscriptions)\/[^/]+$/);
    const [namespace] = ofType(deployment, 'Microsoft.ServiceBus/namespaces');
    expect(within(namespace?.body, 'properties', 'disableLocalAuth')).toBe(true);
  });

  it('is nobody but Keyturn, until somebody is named', () => {
    for (const name of ['token-requests', 'token-requests-urgent', 'token-requests-partners'])
      expect(sendersTo(deployment, name)).toEqual([keyturnObjectId]);
    expect(sendersTo(deployment, 'registry-activity')).toEqual([keyturnObjectId, eventGridObjectId]);
    expect(sendersTo(deployment, forAzureMonitor)).toEqual([]);
  });

  it('is named for each entrance, and sends to its urgent queue as well unless others are named for that', () => {
    const form = '0e0e0e0e-0000-4000-8000-000000000001';
    const portal = '0e0e0e0e-0000-4000-8000-000000000002';
    const guard = '0e0e0e0e-0000-4000-8000-000000000003';
    const named = deployKeyturn({
      entrances: [
        { name: 'one', urgentQueue: 'one-urgent', policy: {}, senders: [{ principalId: form }] },
        {
          name: 'two',
          urgentQueue: 'two-urgent',
          policy: {},
          senders: [{ principalId: portal, principalType: 'Group' }],
          urgentSenders: [{ principalId: guard }],
        },
      ],
    });
    const also = (...others: string[]) => [keyturnObjectId, ...others].toSorted();
    expect(sendersTo(named, 'one')).toEqual(also(form));
    expect(sendersTo(named, 'one-urgent')).toEqual(also(form));
    expect(sendersTo(named, 'two')).toEqual(also(portal));
    expect(sendersTo(named, 'two-urgent')).toEqual(also(guard));
  });
});
