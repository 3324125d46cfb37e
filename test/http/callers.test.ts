import { beforeEach, describe, expect, it } from 'vitest';
import { HttpSetting, principalHeader, tenantId } from './http-setting.ts';

const person = '9c1d2e3f-0000-4000-8000-00000000b002';
const longTenant = 'http://schemas.microsoft.com/identity/claims/tenantid';
const longObject = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const longRole = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';

let setting: HttpSetting;

beforeEach(async () => {
  setting = new HttpSetting();
  await setting.addRow('team-web');
  await setting.addRow('partner-ads', { entrance: 'token-requests-partners' });
  await setting.addRow('device-7', { entrance: 'token-requests-devices' });
});

/** The names that are listed, or what is wrong instead. */
async function seenBy(headers: Readonly<Record<string, string>>): Promise<unknown> {
  const { status, body } = await setting.ask('tokens', headers);
  if (status !== 200) return [status, 'code' in body ? body.code : undefined];
  return 'tokens' in body ? (body.tokens as { token: string }[]).map(({ token }) => token) : body;
}

describe('a caller with a function key', () => {
  it('sees the entrances that are configured for keys, and no header changes that', async () => {
    setting.http = { authentication: 'functionKey', entrances: ['token-requests'] };
    const forged = principalHeader([
      ['tid', tenantId],
      ['oid', person],
      ['roles', 'Tokens.Read'],
    ]);
    expect(await seenBy({})).toEqual(['team-web']);
    expect(await seenBy(forged)).toEqual(['team-web']);
  });
});

describe('a caller whom App Service has authenticated', () => {
  beforeEach(() => {
    setting.http = {
      authentication: 'appService',
      tenantId,
      readers: [
        { role: 'Tokens.Read', entrances: 'all' },
        { role: 'Tokens.Read.Partners', entrances: ['token-requests-partners'] },
        { principal: person, entrances: ['token-requests'] },
      ],
    };
  });

  const caller = (...roles: string[]): [string, string][] => [
    ['tid', tenantId],
    ['oid', 'a-service-principal'],
    ...roles.map((role): [string, string] => ['roles', role]),
  ];
  const themself: [string, string][] = [
    [longTenant, tenantId.toUpperCase()],
    [longObject, person.toUpperCase()],
  ];

  it.each<[sentence: string, claims: [string, string][], seen: string[]]>([
    [
      'everything with a role for all entrances',
      caller('Tokens.Read'),
      ['device-7', 'partner-ads', 'team-web'],
    ],
    ['the entrances of its role', caller('Tokens.Read.Partners', 'Other'), ['partner-ads']],
    ['the entrances of its object id, under the long names of claims', themself, ['team-web']],
    [
      'the entrances of role and object id together',
      [...themself, [longRole, 'Tokens.Read.Partners']],
      ['partner-ads', 'team-web'],
    ],
    [
      'the same when a claim is there under both names',
      [...caller('Tokens.Read.Partners'), [longTenant, tenantId]],
      ['partner-ads'],
    ],
  ])('sees %s', async (_sentence, claims, seen) => {
    expect(await seenBy(principalHeader(claims))).toEqual(seen);
  });

  it.each<[sentence: string, claims: [string, string][]]>([
    ['has no role that is configured', caller('tokens.read', 'Tokens.Read ')],
    ['has no role at all', caller()],
    [
      'has the role in another tenant',
      [
        ['tid', '9c1d2e3f-0000-4000-8000-00000000ffff'],
        ['oid', person],
        ['roles', 'Tokens.Read'],
      ],
    ],
    [
      'has a group or a name that is called like the role',
      [...caller(), ['groups', 'Tokens.Read'], ['name', person]],
    ],
  ])('sees nothing when it %s', async (_sentence, claims) => {
    expect(await seenBy(principalHeader(claims))).toEqual([403, 'noReader']);
  });

  const fine = principalHeader(caller('Tokens.Read'));
  const header = 'x-ms-client-principal';
  it.each<[sentence: string, headers: Record<string, string>]>([
    ['no header', {}],
    ['another header alone', { 'x-ms-client-principal-id': person }],
    ['an empty header', { [header]: '' }],
    ['what is not base64', { [header]: '{"auth_typ":"aad"}' }],
    ['what is not JSON', { [header]: Buffer.from('{').toString('base64') }],
    ['two headers that were joined', { [header]: `${fine[header]},${fine[header]}` }],
    ['another identity provider', principalHeader(caller('Tokens.Read'), { auth_typ: 'github' })],
    ['claims that are no list', principalHeader([], { claims: 'Tokens.Read' })],
    ['no tenant', principalHeader([['oid', person]])],
    ['no object id', principalHeader([['tid', tenantId]])],
    ['two tenants', principalHeader([...caller('Tokens.Read'), [longTenant, 'other']])],
  ])('is nobody with %s', async (_sentence, headers) => {
    expect(await seenBy(headers)).toEqual([401, 'notAuthenticated']);
  });

  it('may ask for the health without a role, which says nothing of anybody', async () => {
    expect(await setting.ask('health')).toMatchObject({ status: 200 });
  });
});

it('answers nobody while HTTP is off, if it were ever asked', async () => {
  setting.http = { authentication: 'off' };
  expect(await seenBy(principalHeader([['tid', tenantId]]))).toEqual([401, 'notAuthenticated']);
});
