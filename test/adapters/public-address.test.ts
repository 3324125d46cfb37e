import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPublicAddress, isWithin } from '../../src/adapters/public-address.ts';

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '20.50.2.1',
    '52.168.1.1',
    '168.63.129.17',
    '2603:1030:20e:3::23c',
    '2a00:1450:4001::200e',
  ])('is public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '169.254.130.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
    'fd00:ec2::254',
    'fc00::1',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::',
    '3fff::1',
    'localhost',
    '',
    '127.1',
    '0x7f.0.0.1',
  ])('is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('written as an IPv6 address is public only if it is global', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).toBe(isPublicAddress(address));
      }),
    );
  });

  it.each([
    ['127.0.0.1', true],
    ['::ffff:127.0.0.1', true],
    ['127.1.0.1', false],
    ['fd00::7', true],
    ['fd01::7', false],
    ['localhost', false],
  ])('lies in the ranges that a sink may use, or not: %s %s', (address, expected) => {
    expect(isWithin(address, ['127.0.0.0/16', 'fd00::/16'])).toBe(expected);
  });
});
