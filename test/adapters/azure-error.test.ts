import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { azureError, retryAt } from '../../src/adapters/azure-error.ts';
import { serviceFailureCodes } from '../../src/ports/service-failure.ts';
import { repetitions } from '../counts.ts';
import { everythingOf } from './keyturn-cloud.ts';

const now = new Date('2026-01-02T03:04:05.678Z');
const clock = { now: () => now };
const codeOf = (error: unknown) => azureError('vault', 'writeVersion', error, clock).code;

const password = 'zJ8qW2rT6yU1iO5pA9sD3fG7hJ4kL0xC+ACRvB2nM1';

/** Anything that may hang on an error, with the password in every text. */
const hostileText = fc.constantFrom(
  password,
  `{"value":"${password}"}`,
  `PARSE_ERROR ${password}`,
  encodeURIComponent(password),
);
const hostileValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    hostileText,
    fc.integer(),
    fc.constantFrom(200, 401, 429, 503, null, undefined, Number.NaN),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('code', 'error', 'innerError', 'odataError', 'message', 'headers', 'status', 'get'),
      tie('value'),
      { maxKeys: 4 },
    ),
    fc.constant(() => password),
  ),
})).value;

const hostileError = fc
  .tuple(
    fc.constantFrom('Error', 'RestError', 'SyntaxError', 'AbortError', 'ServiceBusError', password),
    hostileText,
    fc.dictionary(
      fc.constantFrom(
        'code',
        'statusCode',
        'details',
        'response',
        'request',
        'cause',
        'stack',
        'name',
        'retryable',
      ),
      hostileValue,
      { maxKeys: 6 },
    ),
  )
  .map(([name, message, fields]) => {
    const error = new Error(message);
    Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true });
    return Object.assign(error, fields);
  });

describe('what crosses an adapter', () => {
  it('is fixed words and numbers, whatever a client throws', () => {
    fc.assert(
      fc.property(fc.oneof(hostileError, hostileValue), (thrown) => {
        const failure = azureError('registry', 'generatePassword', thrown, clock);
        expect(Object.keys(serviceFailureCodes)).toContain(failure.code);
        const shown = everythingOf(failure);
        for (const piece of [
          password,
          password.slice(4, 16),
          password.slice(-12),
          encodeURIComponent(password),
        ])
          expect(shown).not.toContain(piece);
        expect(Object.keys(failure).sort()).toEqual([
          'code',
          'name',
          'operation',
          'retryAt',
          'service',
          'status',
        ]);
        expect(failure.cause).toBeUndefined();
      }),
      { numRuns: repetitions({ quick: 1_000, soak: 50_000 }) },
    );
  });

  it('is a failure also when every field of the error throws', () => {
    const trap = new Proxy(new Error(password), {
      get: () => {
        throw new Error(password);
      },
    });
    expect(everythingOf(azureError('vault', 'readSecret', trap, clock))).not.toContain(password);
    expect(codeOf(trap)).toBe('unexpected');
  });

  it('is the same failure when it crosses twice', () => {
    const failure = azureError('vault', 'readSecret', new Error('x'), clock);
    expect(azureError('records', 'other', failure, clock)).toBe(failure);
  });
});

const vaultConflict = (code: string) => ({
  statusCode: 409,
  code: 'Conflict',
  details: { error: { code: 'Conflict', innerError: { code } } },
});
const named = (name: string, fields: object = {}) => Object.assign(new Error('x'), { name, ...fields });

describe('a code', () => {
  it.each([
    ['429', { statusCode: 429 }, 'throttled'],
    ['a busy table', { statusCode: 503, details: { odataError: { code: 'ServerBusy' } } }, 'throttled'],
    ['503 of anything else', { statusCode: 503 }, 'unavailable'],
    ['408', { statusCode: 408 }, 'unavailable'],
    ['401', { statusCode: 401 }, 'accessDenied'],
    ['400', { statusCode: 400 }, 'refused'],
    ['412', { statusCode: 412 }, 'conditionNotMet'],
    [
      'a row that exists',
      { statusCode: 409, details: { odataError: { code: 'EntityAlreadyExists' } } },
      'alreadyExists',
    ],
    ['a deleted secret', vaultConflict('ObjectIsDeletedButRecoverable'), 'deletedButRecoverable'],
    ['a secret that is being deleted', vaultConflict('ObjectIsBeingDeleted'), 'beingDeleted'],
    ['a secret that is being recovered', vaultConflict('ObjectIsBeingRecovered'), 'beingRecovered'],
    ['another conflict', vaultConflict('Something'), 'conflict'],
    ['an answer of 200 that cannot be read', { statusCode: 200, code: 'PARSE_ERROR' }, 'damagedAnswer'],
    ['no JSON', new SyntaxError('x'), 'damagedAnswer'],
    ['a reset connection', { code: 'ECONNRESET' }, 'unavailable'],
    ['a name that does not resolve', { code: 'ENOTFOUND' }, 'unavailable'],
    ['a certificate nobody trusts', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'unavailable'],
    ['no identity', named('CredentialUnavailableError'), 'noIdentity'],
    ['a queue that does not exist', { code: 'MessagingEntityNotFound' }, 'notFound'],
    ['a namespace that may not be used', { code: 'UnauthorizedAccess' }, 'accessDenied'],
    [
      'several tries, the last of which was throttled',
      new AggregateError([{ code: 'ServiceTimeout' }, { code: 'ServiceBusy' }]),
      'throttled',
    ],
    ['a full queue', { code: 'QuotaExceeded' }, 'limitReached'],
    [
      'an operation that failed later',
      new Error('The long-running operation has failed. InternalServerError. Sorry.'),
      'operationFailed',
    ],
    [
      'an operation that met a limit',
      new Error('The long-running operation has failed. QuotaExceeded. Too many.'),
      'limitReached',
    ],
    ['a defect', new TypeError('x is undefined'), 'unexpected'],
    ['nothing at all', undefined, 'unexpected'],
  ] as const)('for %s', (_, error, code) => {
    expect(codeOf(error)).toBe(code);
  });
});

describe('when to come back', () => {
  it.each([
    ['30', '2026-01-02T03:04:35.678Z'],
    ['0', now.toISOString()],
    ['Fri, 02 Jan 2026 03:05:05 GMT', '2026-01-02T03:05:05.000Z'],
    ['Thu, 01 Jan 2026 03:05:05 GMT', now.toISOString()],
    ['99999999', '2026-01-03T03:04:05.678Z'],
    ['soon', undefined],
  ])('is read of "%s"', (header, expected) => {
    expect(retryAt(header, clock)).toBe(expected);
  });
});
