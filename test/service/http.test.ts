import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandKey } from '../../src/contracts/command-key.ts';
import { principalHeader } from '../http/http-setting.ts';
import { RegistryContents } from './commands/registry-contents.ts';
import { command, type Messages, type SentCommand } from './messages.ts';
import { RunningService } from './running-service.ts';

const patience = { timeout: 60_000, interval: 200 };
const teams = ['team-http-a', 'team-http-b', 'team-http-c', 'team-http-d', 'team-http-e'];
const partner = 'partner-http';

let service: RunningService;
let messages: Messages;
/** Somebody who changes tokens without Keyturn. */
let administrator: RegistryContents;
let functionKey: string;
/** Everything that was ever answered, as it came. */
const answered: string[] = [];

interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function get(
  path: string,
  headers: Record<string, string> = {},
  origin = service.hosts[0]?.origin,
): Promise<Answer> {
  const answer = await fetch(`${origin}/api/${path}`, {
    headers: { 'x-functions-key': functionKey, ...headers },
  });
  const text = await answer.text();
  answered.push(text, JSON.stringify([...answer.headers]));
  const body = text === '' ? {} : JSON.parse(text);
  return { status: answer.status, contentType: answer.headers.get('content-type'), body };
}

const request = (token: string, about: Partial<SentCommand> = {}) =>
  command(
    'keyturn.token.requested',
    token,
    { owner: token, access: { repositories: { 'shared/base': ['content/read'] } } },
    about,
  );

const tokensOf = ({ body }: Answer) => (body.tokens as { token: string }[]).map(({ token }) => token);

beforeAll(async () => {
  service = await RunningService.start({
    changeConfiguration: (configuration) => {
      configuration.http = {
        authentication: 'functionKey',
        entrances: ['token-requests', 'token-requests-devices'],
      };
      configuration.reconcile = { ...configuration.reconcile, registriesSchedule: '0 7 * * * *' };
    },
  });
  messages = service.openMessages();
  administrator = await RegistryContents.open(service, 'administrator');
  functionKey = JSON.parse(await readFile(join(service.folder, 'host', 'keys.json'), 'utf8')).function;
  await messages.send('token-requests', ...teams.map((token) => request(token)));
  const partnerRequest = request(partner, { source: '/partner-portal' });
  const lifetime = { ...partnerRequest.data, lifetime: 'P365D' };
  await messages.send('token-requests-partners', { ...partnerRequest, data: lifetime });
  for (const token of [...teams, partner]) await messages.event('keyturn.token.provisioned', token);
});
afterAll(async () => {
  await messages.close();
  await service.close();
});

it('lists the tokens of the entrances that a key sees, page by page', async () => {
  await expect.poll(async () => tokensOf(await get('tokens?status=active')), patience).toEqual(teams);
  const pages: string[][] = [];
  let next = '';
  do {
    const page = await get(`tokens?registry=contoso&pageSize=2${next}`);
    pages.push(tokensOf(page));
    next = page.body.continuation === undefined ? '' : `&continuation=${page.body.continuation}`;
  } while (next !== '');
  expect(pages).toEqual([teams.slice(0, 2), teams.slice(2, 4), teams.slice(4)]);
});

it('lists what expires within a while', async () => {
  expect(tokensOf(await get('tokens?expiringWithin=P80D'))).toEqual(teams);
  expect(tokensOf(await get('tokens?expiringWithin=P70D'))).toEqual([]);
});

describe('a caller', () => {
  it.each([
    'tokens',
    'findings',
    'summary',
    'tokens/contoso/team-http-a',
    `requests/token-requests/${'a'.repeat(64)}`,
    'health',
  ])('without the key is not let in: %s', async (path) => {
    expect((await get(path, { 'x-functions-key': '' })).status).toBe(401);
    const forged = principalHeader([['roles', 'Tokens.Read']]);
    expect((await get(path, { 'x-functions-key': 'wrong', ...forged })).status).toBe(401);
  });

  it('finds a token of another entrance no more than one that does not exist', async () => {
    const missing = await get('tokens/contoso/team-nobody');
    expect(missing).toMatchObject({ status: 404, contentType: 'application/problem+json' });
    expect(await get(`tokens/contoso/${partner}`)).toEqual(missing);
    expect(await get('tokens/northwind/team-http-a')).toEqual(missing);
  });

  it('is told what is wrong with a query', async () => {
    expect(await get('tokens?expiringWithin=7&status=gone')).toMatchObject({
      status: 400,
      contentType: 'application/problem+json',
      body: { errors: [{ parameter: 'expiringWithin' }, { parameter: 'status' }] },
    });
    expect((await get('tokens?continuation=bm90aGluZw')).status).toBe(400);
  });
});

it('shows a token with its passwords and its history, in pages, whatever the case of its name', async () => {
  await messages.send('token-requests', command('keyturn.token.rotation-requested', 'team-http-a', {}));
  const { data } = await messages.event('keyturn.token.rotated', 'team-http-a');
  const first = await get('tokens/Contoso/TEAM-http-a?pageSize=1');
  expect(first.body).toMatchObject({
    token: 'team-http-a',
    status: 'active',
    delivery: { secretUri: 'secretUri' in data ? data.secretUri : '' },
    credentials: [
      { slot: 'password1', published: false },
      { slot: 'password2', published: true, generation: 2 },
    ],
    history: { entries: [{ work: 'rotate', result: 'done', generation: 2 }] },
  });
  const { continuation } = first.body.history as { continuation: string };
  const second = await get(`tokens/contoso/team-http-a?pageSize=50&continuation=${continuation}`);
  expect(second.body.history).toMatchObject({ entries: [{ work: 'provision', generation: 1 }] });
  expect(second.body.history).not.toHaveProperty('continuation');
});

describe('the sender of a command', () => {
  const ask = ({ source, id }: SentCommand, entrance = 'token-requests') =>
    get(`requests/${entrance}/${commandKey(entrance, { source, id })}`);
  const outcome = async (sent: SentCommand) => (await ask(sent)).body;

  it('finds out that it is done', async () => {
    const sent = command('keyturn.token.disable-requested', 'team-http-b', { reason: 'asked' });
    expect((await ask(sent)).status).toBe(404);
    await messages.send('token-requests', sent);
    await expect
      .poll(() => outcome(sent), patience)
      .toMatchObject({ id: sent.id, token: 'team-http-b', status: 'done' });
    await expect
      .poll(async () => tokensOf(await get('tokens?status=disabled')), patience)
      .toEqual(['team-http-b']);
  });

  it('finds out that it is denied, and by which rule', async () => {
    const sent = command('keyturn.token.disable-requested', 'device-not-theirs', { reason: 'asked' });
    await messages.send('token-requests', sent);
    await expect
      .poll(() => outcome(sent), patience)
      .toMatchObject({ status: 'denied', code: 'tokenNameNotAllowed' });
  });

  it('finds out that it is put off, and why', async () => {
    const sent = command('keyturn.token.rotation-requested', 'team-http-a', {});
    await messages.send('token-requests', sent);
    await expect
      .poll(() => outcome(sent), patience)
      .toMatchObject({ status: 'deferred', code: 'noSlotFree', until: expect.any(String) });
  });

  it('does not find it under an entrance that it did not come by, or that nobody sees', async () => {
    const sent = request(partner, { source: '/partner-portal' });
    expect((await ask(sent, 'token-requests-devices')).status).toBe(404);
    expect((await ask(sent, 'token-requests-partners')).status).toBe(404);
  });
});

it('shows a deleted token as deleted', async () => {
  const sent = command('keyturn.token.deletion-requested', 'team-http-e', { reason: 'asked' });
  await messages.send('token-requests', sent);
  await messages.event('keyturn.token.deleted', 'team-http-e');
  await expect
    .poll(async () => tokensOf(await get('tokens?status=deleted')), patience)
    .toEqual(['team-http-e']);
  expect(await get('tokens/contoso/team-http-e')).toMatchObject({ status: 200, body: { status: 'deleted' } });
  expect(tokensOf(await get('tokens'))).toEqual(teams);
});

it('shows what is wrong with a token until it is over: in lists, with the token, and counted', async () => {
  const token = 'team-http-c';
  const findings = async () => (await get(`findings?token=${token}`)).body.findings;
  const counted = async () => (await get('summary')).body;
  await administrator.setEnabled(token, false);
  const found = { finding: 'disabledOutOfBand', severity: 'critical', actor: { kind: 'user' } };
  await expect.poll(findings, patience).toMatchObject([{ token, entrance: 'token-requests', ...found }]);
  expect((await get(`tokens/contoso/${token}`)).body.findings).toMatchObject([found]);
  const listed = async () =>
    ((await get('tokens')).body.tokens as { token: string }[]).find((each) => each.token === token);
  await expect.poll(listed, patience).toMatchObject({ findings: [found.finding] });
  await expect.poll(counted, patience).toMatchObject({
    complete: true,
    tokens: { active: 3, disabled: 1, deleted: 1 },
    findings: { disabledOutOfBand: 1 },
    registries: [{ registry: 'contoso', tokens: 4 }],
  });
  await administrator.setEnabled(token, true);
  await expect.poll(findings, patience).toEqual([]);
  await expect.poll(counted, patience).toMatchObject({ findings: {} });
});

it('tells whether the records can be read', async () => {
  expect(await get('health')).toMatchObject({ status: 200, body: { status: 'ok', records: 'reachable' } });
  await service.control.injectFault({
    part: 'storage',
    match: 'GET .*KeyturnRecords',
    effect: { kind: 'fail', status: 403, code: 'AuthorizationPermissionMismatch' },
  });
  expect(await get('health')).toMatchObject({ status: 503, body: { code: 'accessDenied' } });
  expect(await get('tokens/contoso/team-http-a')).toMatchObject({
    status: 503,
    body: { code: 'recordsUnavailable' },
  });
  await service.control.clearFaults();
  expect((await get('health')).status).toBe(200);
});

describe('on a host that is configured otherwise', () => {
  const tenantId = '9c1d2e3f-0000-4000-8000-00000000a001';
  const withHttp = (http: object, settings: Record<string, string> = {}) => {
    const configuration = JSON.parse(service.setting('KEYTURN_CONFIGURATION'));
    const KEYTURN_CONFIGURATION = JSON.stringify({ ...configuration, http });
    return service.startHost({ settings: { KEYTURN_CONFIGURATION, ...settings } });
  };
  const appService = {
    authentication: 'appService',
    tenantId,
    readers: [
      { role: 'Tokens.Read.Partners', entrances: ['token-requests-partners'] },
      { role: 'Tokens.Read', entrances: 'all' },
    ],
  };

  /** What belongs to no entrance is for those who see all of them. */
  async function seesRegistriesOnlyAs(
    reader: Record<string, string>,
    other: Record<string, string>,
    origin: string,
  ): Promise<void> {
    await administrator.makeToken('made-by-others', '_repositories_push');
    await service.control.advance('PT61M');
    const summary = async () => (await get('summary', reader, origin)).body;
    await expect.poll(summary, patience).toMatchObject({
      findings: { unmanagedToken: 1 },
      registries: [{ registry: 'contoso', capacity: { tokens: 6, limit: 50_000, tier: 'Premium' } }],
    });
    const unmanaged = (headers: Record<string, string>) =>
      get('findings?finding=unmanagedToken', headers, origin);
    expect((await unmanaged(reader)).body.findings).toMatchObject([
      { registry: 'contoso', token: 'made-by-others', severity: 'critical' },
    ]);
    expect((await unmanaged(other)).body.findings).toEqual([]);
    const theirs = (await get('summary', other, origin)).body;
    expect(theirs).toMatchObject({ findings: {}, registries: [{ registry: 'contoso', tokens: 1 }] });
    expect(theirs).not.toHaveProperty('registries.0.capacity');
  }

  it('there are no routes while HTTP is off', async () => {
    const { origin } = await withHttp({ authentication: 'off' });
    for (const path of ['tokens', `tokens/contoso/${partner}`, 'health'])
      expect((await get(path, {}, origin)).status).toBe(404);
  });

  it('the app does not start for App Service callers whom nobody authenticates', async () => {
    await expect(withHttp(appService)).rejects.toThrow('appServiceAuthenticationOff');
  });

  it('the platform says who asks, and a key says nothing', async () => {
    const { origin } = await withHttp(appService, { WEBSITE_AUTH_ENABLED: 'True' });
    const claims = [
      ['tid', tenantId],
      ['oid', 'a-service-principal'],
    ] as const;
    const reader = principalHeader([...claims, ['roles', 'Tokens.Read.Partners']]);
    expect(tokensOf(await get('tokens', reader, origin))).toEqual([partner]);
    expect((await get('tokens/contoso/team-http-a', reader, origin)).status).toBe(404);
    expect((await get('tokens', {}, origin)).status).toBe(401);
    expect((await get('tokens', principalHeader(claims), origin)).status).toBe(403);
    await seesRegistriesOnlyAs(principalHeader([...claims, ['roles', 'Tokens.Read']]), reader, origin);
  });
});

it('never answered with a password', async () => {
  const passwords = await service.control.issuedPasswords();
  expect(passwords.length).toBeGreaterThanOrEqual(7);
  const answers = answered.join('\n');
  expect(answers).toContain('team-http-a');
  for (const password of passwords) {
    expect(answers).not.toContain(password);
    expect(answers).not.toContain(Buffer.from(password).toString('base64').replace(/=*$/, '').slice(0, -1));
  }
});
