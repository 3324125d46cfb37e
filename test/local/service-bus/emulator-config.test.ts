import { expect, test } from 'vitest';
import { UsageError } from '../../../infra/local/part.ts';
import {
  parseEmulatorConfigText,
  readEmulatorConfig,
} from '../../../infra/local/service-bus/emulator-config.ts';
import { receiveOne, startTestBus } from './start-test-bus.ts';

/** In the shape of the official emulator's sample, comments included. */
const sample = `{
  "UserConfig": {
    "Namespaces": [{
      "Name": "sbemulatorns",
      "Queues": [{
        "Name": "queue.1",
        "Properties": {
          "DeadLetteringOnMessageExpiration": true,
          "DefaultMessageTimeToLive": "PT30M",
          "DuplicateDetectionHistoryTimeWindow": "PT5M", // a comment
          "ForwardDeadLetteredMessagesTo": "",
          "ForwardTo": "",
          "LockDuration": "PT2M",
          "MaxDeliveryCount": 7,
          "RequiresDuplicateDetection": true,
          "RequiresSession": false
        }
      }],
      "Topics": [{
        "Name": "topic.1",
        "Subscriptions": [{
          "Name": "subscription.1",
          "Rules": [{
            "Name": "app-prop-filter-1",
            "Properties": {
              "FilterType": "Correlation",
              "CorrelationFilter": { "ContentType": "application/json" /* "Label": "http://x" */ }
            }
          }]
        }, { "Name": "subscription.2" }]
      }]
    }],
    "Logging": { "Type": "File" }
  }
}`;

function configOf(entities: object): unknown {
  return { UserConfig: { Namespaces: [{ Name: 'sbemulatorns', ...entities }] } };
}

const queueWith = (Properties: object) =>
  configOf({ Queues: [{ Name: 'orders' }, { Name: 'q', Properties }] });

const rule = (Properties: object) =>
  configOf({ Topics: [{ Name: 't', Subscriptions: [{ Name: 's', Rules: [{ Name: 'r', Properties }] }] }] });

test('reads the official format, durations in milliseconds', () => {
  const { Queues, Topics } = readEmulatorConfig(parseEmulatorConfigText(sample));
  expect(Queues[0]).toEqual({
    Name: 'queue.1',
    Properties: {
      DeadLetteringOnMessageExpiration: true,
      DefaultMessageTimeToLive: 30 * 60_000,
      DuplicateDetectionHistoryTimeWindow: 5 * 60_000,
      ForwardDeadLetteredMessagesTo: '',
      ForwardTo: '',
      LockDuration: 2 * 60_000,
      MaxDeliveryCount: 7,
      RequiresDuplicateDetection: true,
      RequiresSession: false,
    },
  });
  expect(Topics[0]?.Subscriptions.map(({ Name, Rules }) => [Name, Rules.length])).toEqual([
    ['subscription.1', 1],
    ['subscription.2', 0],
  ]);
});

test('has the emulator’s defaults for what is left out', () => {
  const { Queues } = readEmulatorConfig(configOf({ Queues: [{ Name: 'q' }] }));
  expect(Queues[0]?.Properties).toMatchObject({
    DefaultMessageTimeToLive: 60 * 60_000,
    DuplicateDetectionHistoryTimeWindow: 20_000,
    LockDuration: 60_000,
    MaxDeliveryCount: 3,
    RequiresDuplicateDetection: false,
  });
});

test('opens what a configuration file names', async () => {
  const config = parseEmulatorConfigText(sample) as never;
  const { createClient } = await startTestBus({}, { config });
  const client = createClient();
  await client.createSender('topic.1').sendMessages({ body: 'x', contentType: 'application/json' });
  expect((await receiveOne(client.createReceiver('topic.1', 'subscription.1'))).body).toBe('x');
});

const wrong: Record<string, [config: unknown, message: RegExp]> = {
  sessions: [
    queueWith({ RequiresSession: true }),
    /Namespaces\[0\]\.Queues\[1\]\.Properties\.RequiresSession: must be false: sessions are not supported$/,
  ],
  forwarding: [
    queueWith({ ForwardTo: 'other' }),
    /Queues\[1\]\.Properties\.ForwardTo: must be empty: forwarding/,
  ],
  'forwarding of dead letters': [
    queueWith({ ForwardDeadLetteredMessagesTo: 'x' }),
    /forwarding is not supported$/,
  ],
  'SQL filters': [
    rule({ FilterType: 'Sql', SqlFilter: { SqlExpression: "sys.Label = 'a'" } }),
    /Rules\[0\]\.Properties\.SqlFilter\.SqlExpression: must be "1=1" \(everything\): SQL filters are not supported$/,
  ],
  'rule actions': [
    rule({
      FilterType: 'Correlation',
      CorrelationFilter: { Label: 'a' },
      Action: { SqlExpression: 'SET a = 1' },
    }),
    /Properties\.Action: must be absent: rule actions are not supported$/,
  ],
  'a filter without properties': [
    rule({ FilterType: 'Correlation', CorrelationFilter: {} }),
    /CorrelationFilter: must name at least one property$/,
  ],
  'an unknown kind of filter': [rule({ FilterType: 'Other' }), /must be "Correlation" or "Sql"$/],
  'an unknown setting': [
    queueWith({ EnablePartitioning: true }),
    /Queues\[1\]\.Properties: .*"EnablePartitioning"/,
  ],
  'a duration that is none': [
    queueWith({ LockDuration: '1 minute' }),
    /LockDuration: must be an ISO 8601 duration/,
  ],
  'a lock longer than the service allows': [
    queueWith({ LockDuration: 'PT6M' }),
    /LockDuration: must not be longer/,
  ],
  'no delivery at all': [queueWith({ MaxDeliveryCount: 0 }), /MaxDeliveryCount: /],
  'a name that is none': [
    configOf({ Queues: [{ Name: 'a b' }] }),
    /Queues\[0\]\.Name: must consist of letters/,
  ],
  'a name used twice': [
    configOf({ Queues: [{ Name: 'same' }], Topics: [{ Name: 'SAME' }] }),
    /Namespaces\[0\]: has "SAME" twice$/,
  ],
  'several namespaces': [
    { UserConfig: { Namespaces: [{ Name: 'a' }, { Name: 'b' }] } },
    /UserConfig\.Namespaces: must hold exactly one namespace$/,
  ],
  nothing: [undefined, /the document: /],
};

test.each(Object.entries(wrong))('refuses %s in one line that says where and why', (_, [config, message]) => {
  expect(() => readEmulatorConfig(config)).toThrow(UsageError);
  expect(() => readEmulatorConfig(config)).toThrow(message);
  expect(() => readEmulatorConfig(config)).toThrow(/^Service Bus configuration: [^\n]*$/);
});

test('refuses to start with a wrong configuration', async () => {
  const config = queueWith({ RequiresSession: true }) as never;
  await expect(startTestBus({}, { config })).rejects.toThrow(UsageError);
});

test('refuses a text that is not JSON', () => {
  expect(() => parseEmulatorConfigText('{ "UserConfig": ')).toThrow(UsageError);
});
