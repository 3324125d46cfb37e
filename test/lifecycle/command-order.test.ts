import { describe, expect, it } from 'vitest';
import { commandTypes } from '../../src/contracts/commands.ts';
import {
  alwaysCounts,
  aspectsOf,
  compareOrder,
  inOrder,
  marked,
  openAspects,
  referenceTo,
} from '../../src/lifecycle/command-order.ts';
import { at, command, hour, second } from './build.ts';

describe('the order of commands', () => {
  it("is the broker's: by the time it took them, then by their numbers, which are more than a double can hold", () => {
    const early = { enqueuedAt: at(0), sequenceNumber: '9007199254740995' };
    const next = { enqueuedAt: at(0), sequenceNumber: '9007199254740996' };
    const late = { enqueuedAt: at(1), sequenceNumber: '3' };
    expect(compareOrder(early, next)).toBeLessThan(0);
    expect(compareOrder(next, early)).toBeGreaterThan(0);
    expect(compareOrder(next, late)).toBeLessThan(0);
    expect(compareOrder(late, late)).toBe(0);
  });

  it('puts revocations first', () => {
    const request = command('keyturn.token.access-changed', 0, { access: { scopeMap: 'other-map' } });
    const rotation = command('keyturn.token.rotation-requested', second, { compromised: true });
    const revocation = command('keyturn.token.revocation-requested', hour, { reason: 'leaked' });
    expect(inOrder([rotation, revocation, request])).toEqual([revocation, request, rotation]);
  });
});

describe('a command that comes late', () => {
  const applied = { access: { enqueuedAt: at(hour), sequenceNumber: '9' } };

  it('still counts for the sides of the token that nothing newer has changed', () => {
    const request = command('keyturn.token.requested', 0, {
      owner: 'team-web',
      access: { scopeMap: 'shared-read' },
    });
    expect(openAspects(request, applied)).toEqual(['existence', 'schedule']);
  });

  it('does not count for a side that something newer has changed', () => {
    const change = command('keyturn.token.access-changed', hour - 1, { access: { scopeMap: 'other-map' } });
    expect(openAspects(change, applied)).toEqual([]);
    expect(openAspects({ ...change, enqueuedAt: at(hour), sequenceNumber: '9' }, applied)).toEqual([
      'access',
    ]);
  });

  it('leaves the newer mark in place when it is applied all the same', () => {
    const older = { enqueuedAt: at(0), sequenceNumber: '1' };
    expect(marked(applied, older, ['access', 'status'])).toEqual({ ...applied, status: older });
  });
});

it('what ends things always counts, and nothing else does', () => {
  expect(commandTypes.filter(alwaysCounts)).toEqual([
    'keyturn.token.disable-requested',
    'keyturn.token.deletion-requested',
    'keyturn.token.revocation-requested',
  ]);
});

it('a type that only another release knows has no side of the token', () => {
  expect(aspectsOf('keyturn.token.painted')).toEqual([]);
});

it('what is kept of a command is who sent it, its place and its reason', () => {
  const pending = command('keyturn.token.disable-requested', 0, { reason: 'pause' });
  const { key, entrance, enqueuedAt, sequenceNumber, command: event } = pending;
  const { type, source, id } = event;
  const place = { key, entrance, enqueuedAt, sequenceNumber };
  expect(referenceTo(pending)).toEqual({ ...place, type, source, id, reason: 'pause' });
});
