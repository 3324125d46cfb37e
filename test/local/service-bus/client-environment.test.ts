import { expect, test } from 'vitest';
import { identityConnection } from '../../../infra/local/service-bus/client-environment.ts';

const clientId = '11111111-1111-4111-8111-111111111111';

test.each([
  ['127.0.0.1', 5671, 'localhost'],
  ['127.0.0.1', 6001, 'localhost:6001'],
  ['::1', 6001, 'localhost:6001'],
  ['0.0.0.0', 5671, 'localhost'],
  ['::', 6001, 'localhost:6001'],
  ['bus.localhost', 6001, 'bus.localhost:6001'],
])('a Service Bus at %s, port %i, is the namespace %s, since TLS wants a name', (host, port, namespace) => {
  expect(identityConnection({ host, port }, undefined)).toEqual({
    ServiceBus__fullyQualifiedNamespace: namespace,
  });
});

test('a user-assigned identity is named as the Functions conventions say', () => {
  expect(identityConnection({ host: '127.0.0.1', port: 5671 }, clientId)).toEqual({
    ServiceBus__fullyQualifiedNamespace: 'localhost',
    ServiceBus__credential: 'managedidentity',
    ServiceBus__clientId: clientId,
  });
});
