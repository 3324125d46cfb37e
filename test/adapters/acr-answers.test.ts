import { describe, expect, it } from 'vitest';
import { generatedPassword, tokenOf } from '../../src/adapters/acr-answers.ts';
import { everythingOf, failureOf } from './keyturn-cloud.ts';

const creationTime = new Date('2026-01-02T03:04:05.678Z');
const expiry = new Date('2026-03-01T00:00:00.000Z');
const first = { name: 'password1', creationTime, value: 'value-of-password-1' } as const;
const second = { name: 'password2', creationTime, expiry, value: 'value-of-password-2' } as const;

/** The failure that the answer is refused with. */
const refusal = (answer: Parameters<typeof generatedPassword>[2]) =>
  failureOf(Promise.resolve().then(() => generatedPassword('team-token', 'password2', answer)));

describe('an answer to generateCredentials', () => {
  it('gives the password of the slot that was asked for, in whatever place it stands', () => {
    const { value: _value, ...listed } = first;
    for (const passwords of [
      [listed, second],
      [second, listed],
    ])
      expect(generatedPassword('team-token', 'password2', { username: 'Team-Token', passwords })).toEqual({
        slot: 'password2',
        createdAt: creationTime.toISOString(),
        expiresAt: expiry.toISOString(),
        value: second.value,
      });
  });

  it.each([{ username: 'contoso' }, {}])(
    'about another user (%o) is refused, and its passwords are thrown away',
    async (user) => {
      const failure = await refusal({ ...user, passwords: [first, second] });
      expect(failure).toMatchObject({ code: 'usernameMismatch', operation: 'generatePassword' });
      expect(everythingOf(failure)).not.toContain('value-of');
    },
  );

  it.each([
    ['without passwords', {}],
    ['with those of the other slot only', { passwords: [first] }],
    ['without a value', { passwords: [{ name: 'password2', creationTime }] }],
    ['without a creation time', { passwords: [{ name: 'password2', value: second.value }] }],
  ] as const)('%s is damaged', async (_, { passwords }: { passwords?: readonly object[] }) => {
    const failure = await refusal({
      username: 'team-token',
      ...(passwords ? { passwords: [...passwords] } : {}),
    });
    expect(failure.code).toBe('damagedAnswer');
    expect(everythingOf(failure)).not.toContain('value-of');
  });
});

describe('a token as Azure describes it', () => {
  it('is enabled only if it says so, and has no passwords but those in slots', () => {
    const passwords = [first, { name: 'password3', creationTime }] as (typeof first)[];
    expect(tokenOf({ name: 'team-token', credentials: { passwords } })).toEqual({
      name: 'team-token',
      enabled: false,
      scopeMap: '',
      passwords: [{ slot: 'password1', createdAt: creationTime.toISOString() }],
    });
  });
});
