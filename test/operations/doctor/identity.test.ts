import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityDiagnosis } from '../../../src/operations/doctor/identity/check-identity.ts';
import { tokenClaims } from '../../../src/operations/doctor/identity/token-claims.ts';

const subject = { kind: 'identity', name: 'one' };
const clientId = '0a0a0a0a-0000-4000-8000-000000000002';
const objectId = '0b0b0b0b-0000-4000-8000-000000000002';
const other = '0b0b0b0b-0000-4000-8000-00000000ffff';
const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

describe('the claims of an access token', () => {
  it('are read in both versions of tokens', () => {
    expect(tokenClaims(token({ appid: clientId.toUpperCase(), oid: objectId }))).toEqual({
      clientId,
      objectId,
    });
    expect(tokenClaims(token({ azp: clientId, oid: objectId, name: 'Ada' }))).toEqual({ clientId, objectId });
  });

  it('are none where there are none, whatever the token is', () => {
    for (const claims of [{ appid: 1, oid: 'x' }, null, [], 'text'])
      expect(tokenClaims(`a.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.b`)).toEqual({});
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(tokenClaims(text)).toEqual({});
      }),
    );
  });
});

describe('an identity', () => {
  const judge = (claims: object, configured: object, isManaged = true) => {
    const { verdict, says, remedy } = identityDiagnosis(subject, claims, { isManaged, configured });
    return [verdict, says, remedy];
  };

  it('that is the configured one is green, whatever the case of its ids', () => {
    expect(judge({ clientId, objectId }, { clientId: clientId.toUpperCase(), objectId })[0]).toBe('ok');
  });

  it('that is another one is red, and every id that differs is named', () => {
    const [verdict, says] = judge({ clientId, objectId }, { clientId: other, objectId: other });
    expect(verdict).toBe('red');
    expect(says).toBe(
      `the client id of the access token is ${clientId}, and not ${other}; the object id of the access token is ${objectId}, and not ${other}`,
    );
  });

  it('that is a person is a warning, that rights are those of the person', () => {
    const [verdict, says, remedy] = judge({ clientId, objectId: other }, { clientId, objectId }, false);
    expect([verdict, says]).toEqual([
      'warn',
      `there is no managed identity here, so all is asked as object id ${other}, who is not Keyturn`,
    ]);
    expect(remedy).toContain('whoever has logged in');
  });

  it('that is not configured, or does not show itself, is a warning', () => {
    expect(judge({ clientId, objectId }, {})[0]).toBe('warn');
    expect(judge({ clientId, objectId }, { clientId })[0]).toBe('warn');
    expect(judge({}, { clientId, objectId })[0]).toBe('warn');
  });
});
