import fc from 'fast-check';
import { expect, test } from 'vitest';
import { audiencePath, parseEntityAddress } from '../../../infra/local/service-bus/entity-address.ts';
import {
  deliveryTag,
  lockTokenOf,
  uuidBytes,
  uuidText,
} from '../../../infra/local/service-bus/messages/lock-token.ts';

const plain = { deadLetter: false, management: false };

test.each([
  ['orders', { ...plain, entity: 'orders' }],
  ['/Orders', { ...plain, entity: 'orders' }],
  ['team%2Forders', { ...plain, entity: 'team/orders' }],
  ['orders/', { ...plain, entity: 'orders' }],
  ['orders/$management', { ...plain, entity: 'orders', management: true }],
  ['orders/$DeadLetterQueue', { ...plain, entity: 'orders', deadLetter: true }],
  ['orders/$deadletterqueue/$management', { entity: 'orders', deadLetter: true, management: true }],
  ['events/Subscriptions/all', { ...plain, entity: 'events/subscriptions/all' }],
  ['%', { ...plain, entity: '%' }],
  ['', { ...plain, entity: '' }],
])('reads the address "%s"', (address, expected) => {
  expect(parseEntityAddress(address)).toEqual(expected);
});

test('reads any text as an address of something', () => {
  fc.assert(
    fc.property(fc.string(), (address) => {
      expect(typeof parseEntityAddress(address).entity).toBe('string');
    }),
  );
});

test.each([
  ['sb://127.0.0.1:5672/orders', 'orders'],
  ['amqps://localhost/orders/$management', 'orders/$management'],
  ['sb://localhost/', ''],
  ['orders', 'orders'],
])('finds the path in the audience "%s"', (audience, path) => {
  expect(audiencePath(audience)).toBe(path);
});

test('gives a lock token the layout of a .NET Guid as delivery tag', () => {
  const token = '00112233-4455-6677-8899-aabbccddeeff';
  expect(deliveryTag(token).toString('hex')).toBe('33221100554477668899aabbccddeeff');
});

test('finds every lock token again in its tag and in its bytes', () => {
  fc.assert(
    fc.property(fc.uuid(), (token) => {
      expect(lockTokenOf(deliveryTag(token))).toBe(token);
      expect(uuidText(uuidBytes(token))).toBe(token);
    }),
  );
});
