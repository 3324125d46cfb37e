import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventLine } from '../../../infra/local/demo/event-line.ts';
import { rowsAfter } from '../../../infra/local/demo/token-row.ts';
import { tokenTable } from '../../../infra/local/demo/token-table.ts';
import { credential, tokenEvent } from './token-event-builder.ts';

const plain = (lines: readonly string[]) => lines.map((line) => stripVTControlCharacters(line));

describe('the table of tokens', () => {
  it('shows status, slot, end, next rotation, logins and where the password is', () => {
    const rows = rowsAfter([tokenEvent('provisioned', 'team-web', credential)]);
    expect(plain(tokenTable(rows, new Map([['team-web', { accepted: 12, failed: 0 }]])))).toEqual([
      '  token     status  slot       expires     next rotation  logins  secret',
      '  team-web  active  password1  2027-02-04  2027-01-17     12      acr-contoso--team-web',
      '  secret URI: https://127.0.0.1:8443/secrets/ and the name above',
    ]);
  });

  it('does not hide that logins failed', () => {
    const rows = rowsAfter([tokenEvent('provisioned', 'team-web', credential)]);
    expect(tokenTable(rows, new Map([['team-web', { accepted: 12, failed: 1 }]]))[1]).toContain(
      '12, 1 FAILED',
    );
  });

  it('follows rotations and endings, and lists by name', () => {
    const rotated = { ...credential, slot: 'password2', nextRotation: '2027-03-14T00:00:00.000Z' } as const;
    const rows = rowsAfter([
      tokenEvent('provisioned', 'team-web', credential),
      tokenEvent('provisioned', 'device-1', credential),
      tokenEvent('rotated', 'team-web', rotated),
      tokenEvent('rotation-deferred', 'team-web'),
      tokenEvent('deleted', 'device-1'),
    ]);
    expect(rows).toEqual([
      { token: 'device-1', status: 'deleted' },
      expect.objectContaining({ token: 'team-web', status: 'active', slot: 'password2' }),
    ]);
    expect(rowsAfter([tokenEvent('provisioned', 'a', credential), tokenEvent('disabled', 'a')])).toEqual([
      expect.objectContaining({ status: 'disabled', slot: 'password1', nextRotation: undefined }),
    ]);
  });

  it('knows nothing of a token that was only denied', () => {
    expect(rowsAfter([tokenEvent('request-denied', 'team-web', { rule: 'ownerNotAllowed' })])).toEqual([]);
  });

  it('keeps its columns in line, whatever the tokens are called', () => {
    const name = fc.string({ minLength: 1, maxLength: 50, unit: fc.constantFrom(...'abz-019') });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
        const lines = plain(
          tokenTable(rowsAfter(names.map((each) => tokenEvent('enabled', each, credential)))),
        );
        const places = lines.slice(1, -1).map((line) => line.indexOf('active'));
        expect(new Set([lines[0]?.indexOf('status'), ...places]).size).toBe(1);
      }),
    );
  });
});

describe('the line of an event', () => {
  it.each([
    [
      tokenEvent('rotated', 'team-web', { ...credential, previousValidUntil: '2027-01-31T00:00:00.000Z' }),
      '  2027-01-17  team-web      rotated     password1 until 2027-02-04, password2 until 2027-01-31',
    ],
    [
      tokenEvent('provisioned', 'team-web', credential),
      '  2027-01-17  team-web      provisioned password1 until 2027-02-04',
    ],
    [
      tokenEvent('revoked', 'team-web', { reason: 'leaked', exposureUntil: '2027-01-17T13:11:12.000Z' }),
      '  2027-01-17  team-web      revoked     leaked; open logins end by 2027-01-17 13:11',
    ],
    [
      tokenEvent('request-denied', 'team-web', { rule: 'ownerNotAllowed', detail: 'acme' }),
      '  2027-01-17  team-web      request-denied ownerNotAllowed: acme',
    ],
    [
      tokenEvent('rotation-failed', 'team-web', { code: 'vaultRefused', toDo: 'grant the role' }),
      '  2027-01-17  team-web      rotation-failed vaultRefused: grant the role',
    ],
    [
      tokenEvent('rotation-deferred', 'team-web', { until: '2027-01-18T10:00:00.000Z' }),
      '  2027-01-17  team-web      rotation-deferred until 2027-01-18 10:00',
    ],
    [tokenEvent('expired', 'team-web'), '  2027-01-17  team-web      expired'],
  ])('says what matters: %#', (event, line) => {
    expect(stripVTControlCharacters(eventLine(event))).toBe(line);
  });
});
