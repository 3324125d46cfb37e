import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServiceBusMessages } from '../../src/adapters/service-bus-sender.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { tokenRequestDenied } from './build-events.ts';
import { failureOf, type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

let keyturn: KeyturnCloud;
let messages: ServiceBusMessages;

beforeAll(async () => {
  keyturn = await startKeyturnCloud('service-bus', 'service-bus');
  messages = new ServiceBusMessages({
    connection: {
      kind: 'identity',
      namespace: keyturn.cloud.environment.ServiceBus__fullyQualifiedNamespace ?? '',
      credential: keyturn.credential(),
    },
    eventsTopic: 'token-events',
    rejectedQueue: 'token-requests-rejected',
    clock: systemClock,
  });
});
afterAll(async () => {
  await messages.close();
  await keyturn.close();
});

const sent = () =>
  keyturn.cloud.history
    .list()
    .filter(({ request, outcome }) => request.startsWith('send ') && outcome === 'accepted')
    .map(({ request }) => request);

it('sending is unavailable while the namespace cannot be reached, and goes on when it can', async () => {
  const { faults, history } = keyturn.cloud;
  await messages.publish(tokenRequestDenied('event-1'));
  faults.setReachable('service-bus', false);
  history.clear();
  for (const id of ['event-2', 'event-3'])
    expect(await failureOf(messages.publish(tokenRequestDenied(id)))).toMatchObject({
      service: 'serviceBus',
      code: 'unavailable',
    });
  expect(sent()).toEqual([]);
  faults.setReachable('service-bus', true);
  await messages.publish(tokenRequestDenied('event-2'));
  expect(sent()).toEqual(['send token-events']);
});
