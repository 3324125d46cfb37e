import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../identity/local-cloud.ts';
import {
  basic,
  bearer,
  group,
  loginAnswer,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
} from './registry-under-test.ts';

let registry: RegistryUnderTest;
let password: string;
const token = 'first-token';
const hour = 60 * 60 * 1000;
const pull = 'repositories/samples/hello-world/content/read';
const everything = ['content/read', 'content/write', 'content/delete', 'metadata/read', 'metadata/write'];

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(async () => {
  registry.running.reset();
  password = await registry.createToken(token, [pull]);
});
afterEach(() => registry.cloud.faults.clear());

function changeActions(actions: string[]) {
  return registry.client().scopeMaps.update(group, 'contoso', token, { actions });
}

describe('the login server', () => {
  it('tells clients without a token where to get one', async () => {
    const { status, headers, body } = await registry.ask('/v2/');
    const server = registry.loginServer();
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      `Bearer realm="https://${server}/oauth2/token",service="${server}"`,
    ]);
    expect(headers['docker-distribution-api-version']).toBe('registry/2.0');
    expect(JSON.parse(body)).toEqual({
      errors: [
        {
          code: 'UNAUTHORIZED',
          message: 'authentication required, visit https://aka.ms/acr/authorization for more information.',
        },
      ],
    });
  });

  it.each([
    ['GET', '/v2/samples/hello-world/manifests/latest', 'repository:samples/hello-world:pull'],
    ['HEAD', '/v2/samples/hello-world/blobs/sha256:00', 'repository:samples/hello-world:pull'],
    ['PUT', '/v2/samples/hello-world/manifests/latest', 'repository:samples/hello-world:push'],
    ['POST', '/v2/samples/hello-world/blobs/uploads/', 'repository:samples/hello-world:push'],
    ['PATCH', '/v2/samples/hello-world/blobs/uploads/some-id', 'repository:samples/hello-world:push'],
    ['DELETE', '/v2/samples/hello-world/manifests/sha256:00', 'repository:samples/hello-world:delete'],
    ['GET', '/v2/samples/hello-world/tags/list', 'repository:samples/hello-world:metadata_read'],
    ['GET', '/v2/_catalog', 'registry:catalog:*'],
    [
      'POST',
      '/v2/one/blobs/uploads/?mount=sha256:00&from=two/parts',
      'repository:one:push repository:two/parts:pull',
    ],
  ])('asks for the right scope on %s %s', async (method, path, scope) => {
    const { status, headers, body } = await registry.ask(path, { method });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain(`,scope="${scope}"`);
    if (method === 'HEAD') return;
    const [Type, Name, Action] = scope.split(' ')[0]?.split(':') ?? [];
    expect(JSON.parse(body).errors[0].detail[0]).toEqual({ Type, Name, Action });
  });

  it('exchanges a token’s name and password for an access token that says what is granted', async () => {
    const before = registry.cloud.clock.now().getTime();
    const { status, accessToken, answer } = await registry.logIn(token, password, [
      'repository:samples/hello-world:pull,push',
      'repository:samples/alpine:pull',
    ]);
    expect([status, Object.keys(JSON.parse(answer.body))]).toEqual([200, ['access_token']]);
    const claims = decodeJwt(accessToken);
    expect(claims).toMatchObject({
      sub: token,
      iss: 'Azure Container Registry',
      aud: registry.loginServer(),
      version: '1.0',
      grant_type: 'access_token',
      access: [{ type: 'repository', name: 'samples/hello-world', actions: ['pull'] }],
    });
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(75 * 60);
    expect(claims.iat).toBeGreaterThanOrEqual(Math.floor(before / 1000));
  });

  it('takes name and password in a form too, but no refresh token, as it gives none', async () => {
    const post = async (form: Record<string, string>) =>
      loginAnswer(
        await registry.ask('/oauth2/token', {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ service: registry.loginServer(), ...form }).toString(),
        }),
      );
    const scope = 'repository:samples/hello-world:pull';
    const accepted = await post({ grant_type: 'password', username: token, password, scope });
    expect([accepted.status, accepted.access]).toEqual([200, [scope]]);
    expect((await post({ grant_type: 'password', username: token, password: 'wrong' })).status).toBe(401);
    expect((await post({ grant_type: 'password' })).status).toBe(401);
    expect((await post({ grant_type: 'refresh_token', refresh_token: accepted.accessToken })).status).toBe(
      401,
    );
    expect((await post({ grant_type: 'other' })).status).toBe(405);
  });

  it('tells wrong passwords from unknown names, and both from its own name', async () => {
    expect(await registry.logIn(token, `${password}x`)).toMatchObject({
      status: 401,
      message: expect.stringContaining('authentication required'),
    });
    expect(await registry.logIn('nobody', password)).toMatchObject({
      status: 401,
      message: 'Application not registered with AAD.',
    });
    expect((await registry.logIn('contoso', password)).status).toBe(401);
    const elsewhere = await registry.ask('/oauth2/token?service=other.azurecr.io', {
      headers: basic(token, password),
    });
    expect(elsewhere.status).toBe(400);
    expect((await registry.ask(`/oauth2/token?service=${registry.loginServer()}`)).status).toBe(401);
  });

  it('does not take a token’s password on the registry itself', async () => {
    expect((await registry.ask('/v2/', { headers: basic(token, password) })).status).toBe(401);
  });

  it('takes an access token on the registry until it expires, by the local cloud’s clock', async () => {
    const { accessToken } = await registry.logIn(token, password);
    const probe = async () => (await registry.ask('/v2/', { headers: bearer(accessToken) })).status;
    expect(await probe()).toBe(200);
    await registry.cloud.clock.advance(1.2 * hour);
    expect(await probe()).toBe(200);
    await registry.cloud.clock.advance(0.1 * hour);
    expect(await probe()).toBe(401);
    const { headers } = await registry.ask('/v2/', { headers: bearer(accessToken) });
    expect(headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('remembers the access tokens that it gave, for tests that search for them', async () => {
    const { accessToken } = await registry.logIn(token, password);
    expect(registry.running.issuedLoginTokens().at(-1)).toBe(accessToken);
  });

  it('refuses an access token that does not cover what is done, and names what it lacks', async () => {
    const { accessToken } = await registry.logIn(token, password, [
      'repository:samples/hello-world:pull,push',
    ]);
    const headers = bearer(accessToken);
    const pulled = await registry.ask('/v2/samples/hello-world/manifests/latest', { headers });
    expect([pulled.status, JSON.parse(pulled.body).errors[0].code]).toEqual([404, 'NAME_UNKNOWN']);
    for (const [method, path, scope] of [
      ['PUT', '/v2/samples/hello-world/manifests/latest', 'repository:samples/hello-world:push'],
      ['GET', '/v2/samples/alpine/manifests/latest', 'repository:samples/alpine:pull'],
      ['GET', '/v2/samples/hello-world/tags/list', 'repository:samples/hello-world:metadata_read'],
      ['DELETE', '/v2/samples/hello-world/manifests/sha256:00', 'repository:samples/hello-world:delete'],
    ] as const) {
      const refused = await registry.ask(path, { method, headers });
      expect(refused.status).toBe(401);
      expect(refused.headers['www-authenticate']).toContain(`scope="${scope}",error="insufficient_scope"`);
    }
  });

  it('grants what the scope map says now', async () => {
    const scopes = ['repository:samples/hello-world:*'];
    const granted = async () => (await registry.logIn(token, password, scopes)).access;
    expect(await granted()).toEqual(['repository:samples/hello-world:pull']);
    await changeActions(everything.map((verb) => `repositories/samples/hello-world/${verb}`));
    expect(await granted()).toEqual([
      'repository:samples/hello-world:pull,push,delete,metadata_read,metadata_write',
    ]);
    await changeActions(['repositories/samples/*/metadata/read', 'repositories/*/content/delete']);
    expect(await granted()).toEqual(['repository:samples/hello-world:metadata_read,delete']);
    await changeActions([]);
    expect(await granted()).toEqual([]);
    await registry.client().scopeMaps.delete(group, 'contoso', token);
    expect(await registry.logIn(token, password, scopes)).toMatchObject({ status: 200, access: [] });
  });

  it('can refuse the login when nothing of what is asked is granted, if it is set to', async () => {
    registry.running.updateSettings({ ungrantedScope: 'refused' });
    expect((await registry.logIn(token, password, ['repository:samples/alpine:pull'])).status).toBe(401);
    expect((await registry.logIn(token, password)).status).toBe(200);
  });

  it('grants a list of repositories to nobody but the system’s administrators', async () => {
    await changeActions(everything.map((verb) => `repositories/*/${verb}`));
    const scopes = ['registry:catalog:*'];
    expect((await registry.logIn(token, password, scopes)).access).toEqual([]);
    await registry.client().tokens.update(group, 'contoso', token, {
      scopeMapId: `${registryId}/scopeMaps/_repositories_admin`,
    });
    expect((await registry.logIn(token, password, scopes)).access).toEqual(['registry:catalog:*']);
  });

  it('refuses a disabled token at once, and accepts it again at once', async () => {
    const status = async () => (await registry.logIn(token, password)).status;
    const { tokens } = registry.client();
    await tokens.update(group, 'contoso', token, { status: 'disabled' });
    expect(await status()).toBe(401);
    await tokens.update(group, 'contoso', token, { status: 'enabled' });
    expect(await status()).toBe(200);
  });

  it('refuses the passwords of a token that was deleted, also when it is created again', async () => {
    await registry.client().tokens.delete(group, 'contoso', token);
    expect((await registry.logIn(token, password)).status).toBe(401);
    const next = await registry.createToken(token, [pull]);
    expect((await registry.logIn(token, password)).status).toBe(401);
    expect((await registry.logIn(token, next)).status).toBe(200);
  });

  it('refuses a password from its expiry on, of which Azure drops the parts of a second, and not before', async () => {
    const { clock } = registry.cloud;
    const expiry = Math.ceil(clock.now().getTime() / 1000) * 1000 + hour;
    const limited = await registry.generate(token, 'password2', new Date(expiry + 900));
    await clock.advance(expiry - clock.now().getTime() - 20_000);
    expect((await registry.logIn(token, limited)).status).toBe(200);
    await clock.advance(expiry - clock.now().getTime());
    expect((await registry.logIn(token, limited)).status).toBe(401);
    expect((await registry.logIn(token, password)).status).toBe(200);
  });

  it('refuses a password that was removed', async () => {
    await registry.client().tokens.update(group, 'contoso', token, { credentials: { passwords: [] } });
    expect((await registry.logIn(token, password)).status).toBe(401);
  });

  it('lets the admin user do everything while it is on, with its password alone or with an access token', async () => {
    const { registries } = registry.client();
    await registries.update(group, 'contoso', { adminUserEnabled: true });
    const { passwords } = await registries.listCredentials(group, 'contoso');
    const secret = passwords?.[1]?.value ?? '';
    const direct = await registry.ask('/v2/samples/alpine/tags/list', { headers: basic('contoso', secret) });
    expect(direct.status).toBe(404);
    const login = await registry.logIn('contoso', secret, ['repository:samples/alpine:pull,delete']);
    expect(login.access).toEqual(['repository:samples/alpine:pull,delete']);
    await registries.update(group, 'contoso', { adminUserEnabled: false });
    expect((await registry.logIn('contoso', secret)).status).toBe(401);
  });

  it('lets anybody pull, and no more, while anonymous pull is on', async () => {
    const query = `service=${registry.loginServer()}&scope=repository:samples/alpine:pull,push`;
    const anonymous = async (text = query) => loginAnswer(await registry.ask(`/oauth2/token?${text}`));
    expect((await anonymous()).status).toBe(401);
    await registry.client().registries.update(group, 'contoso', { anonymousPullEnabled: true });
    expect(await anonymous()).toMatchObject({ status: 200, access: ['repository:samples/alpine:pull'] });
    expect((await anonymous(query.replace('pull,push', 'push'))).status).toBe(401);
    expect((await registry.logIn(token, 'wrong')).status).toBe(401);
  });

  it('knows nothing of access tokens for Azure, of other registries, nor of an earlier start', async () => {
    const { accessTokens } = registry.cloud;
    const azure = await accessTokens.mint(identities.operator, `https://${registry.loginServer()}`);
    expect((await registry.ask('/v2/', { headers: bearer(azure.accessToken) })).status).toBe(401);
    const other = await startRegistryUnderTest();
    const secret = await other.createToken(token, [pull]);
    const { accessToken } = await other.logIn(token, secret);
    expect((await registry.ask('/v2/', { headers: bearer(accessToken) })).status).toBe(401);
    await other.close();
  });

  it('says no to what it does not do, in the shape of the OCI specification', async () => {
    const ask = async (method: string, path: string) => {
      const { status, body } = await registry.ask(path, { method });
      return [status, JSON.parse(body).errors[0].code];
    };
    expect(await ask('POST', '/oauth2/exchange')).toEqual([405, 'UNSUPPORTED']);
    expect(await ask('GET', '/oauth2/exchange')).toEqual([404, 'NOT_FOUND']);
    expect(await ask('GET', '/acr/v1/_catalog')).toEqual([404, 'NOT_FOUND']);
    expect(await ask('GET', '/v2/samples/unknown/verb')).toEqual([404, 'NAME_UNKNOWN']);
    expect(await ask('GET', '/v2/Samples/manifests/latest')).toEqual([400, 'NAME_INVALID']);
    expect(await ask('GET', '/v2/a%2Fb/manifests/latest')).toEqual([400, 'NAME_INVALID']);
    expect(await ask('PUT', '/v2/samples/tags/list')).toEqual([405, 'UNSUPPORTED']);
  });

  it('refuses pushes when no registry that holds images stands behind it', async () => {
    await changeActions(['repositories/samples/content/write']);
    const { accessToken } = await registry.logIn(token, password, ['repository:samples:push']);
    const refused = await registry.ask('/v2/samples/manifests/latest', {
      method: 'PUT',
      headers: bearer(accessToken),
    });
    expect([refused.status, JSON.parse(refused.body).errors[0].code]).toEqual([405, 'UNSUPPORTED']);
  });

  it('is remembered with the token that was proven, and never with a password', async () => {
    registry.cloud.history.clear();
    await registry.logIn(token, password, ['repository:samples/hello-world:pull']);
    await registry.logIn(token, 'wrong');
    const records = registry.cloud.history.list({ part: 'login-server' });
    expect(records.map(({ operation, identity, outcome }) => [operation, identity, outcome])).toEqual([
      ['login', token, 200],
      ['login', undefined, 401],
    ]);
    expect(JSON.stringify(records)).not.toContain(password);
  });

  it('meets the faults that were injected, in its own shape', async () => {
    registry.cloud.faults.inject({ part: 'login-server', effect: { kind: 'throttle' }, times: 1 });
    const { status, answer } = await registry.logIn(token, password);
    expect([status, JSON.parse(answer.body).errors[0].code]).toEqual([429, 'TOOMANYREQUESTS']);
    registry.cloud.faults.setReachable('login-server', false);
    await expect(registry.logIn(token, password)).rejects.toThrow();
    registry.cloud.faults.setReachable('login-server', true);
    expect((await registry.logIn(token, password)).status).toBe(200);
  });
});
