import { createServer, type Server } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCertificates } from '../../infra/local/certificates.ts';
import { ControlClient } from '../../infra/local/control/control-client.ts';
import { listen } from '../../infra/local/http/listen.ts';
import { AcrControlPlane } from '../../src/adapters/acr-control-plane.ts';
import { AcrLoginServer } from '../../src/adapters/acr-login-server.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { everythingOf, failureOf, type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

let keyturn: KeyturnCloud;
let control: ControlClient;
let registry: AcrControlPlane;
let login: AcrLoginServer;
let password: string;
const token = 'team-token';

beforeAll(async () => {
  keyturn = await startKeyturnCloud('registry', 'login-server', (config) => ({
    ...config,
    registry: { ...config.registry, settings: { pollsUntilDone: 0 } },
  }));
  control = new ControlClient(keyturn.cloud.controlUrl);
  registry = new AcrControlPlane({
    resourceId: keyturn.cloud.environment.REGISTRY_RESOURCE_ID ?? '',
    credential: keyturn.credential(),
    resourceManager: {
      endpoint: keyturn.cloud.environment.AZURE_RESOURCE_MANAGER_ENDPOINT ?? '',
      scope: 'https://management.azure.com/.default',
    },
    clock: systemClock,
  });
  const { loginServer } = await registry.readRegistry();
  login = new AcrLoginServer({ loginServer, clock: systemClock });
});
afterAll(() => keyturn.close());
beforeEach(async () => {
  await control.reset();
  await registry.createToken(token, '_repositories_pull');
  password = (await generate('password1')).value;
  keyturn.cloud.history.clear();
});

const generate = (slot: 'password1' | 'password2') =>
  registry.generatePassword(token, slot, '2036-01-01T00:00:00.000Z');
const accepted = { verdict: 'accepted' };
const refused = { verdict: 'refused' };

describe('a login', () => {
  it('with the right password is accepted', async () => {
    expect(await login.tryLogin(token, password)).toEqual(accepted);
  });

  it('with a wrong password, or of a user nobody knows, is refused', async () => {
    expect(await login.tryLogin(token, `${password}x`)).toEqual(refused);
    expect(await login.tryLogin('nobody', password)).toEqual(refused);
  });

  it('of a disabled token is refused', async () => {
    await registry.setTokenStatus(token, false);
    expect(await login.tryLogin(token, password)).toEqual(refused);
  });

  it('asks for no scope, and each time on a new connection, so that all nodes are met in time', async () => {
    const fresh = (await generate('password1')).value;
    await keyturn.cloud.clock.advance(30_000);
    const seen = new Set<string>();
    for (let tries = 0; tries < 60 && seen.size < 2; tries += 1)
      seen.add((await login.tryLogin(token, fresh)).verdict);
    expect(seen).toEqual(new Set(['accepted', 'refused']));
    const asked = keyturn.cloud.history.list({ part: 'login-server' }).map(({ request }) => request);
    expect(asked.filter((request) => request.includes('scope='))).toEqual([]);
  });
});

describe('a login that says nothing about the password', () => {
  it.each([
    [403, 'accessDenied'],
    [404, 'notFound'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('with status %i is unknown: %s', async (status, why) => {
    keyturn.inject({ kind: 'fail', status }, 'oauth2/token');
    expect(await login.tryLogin(token, password)).toEqual({ verdict: 'unknown', why, status });
  });

  it('since it is throttled says when to come back', async () => {
    keyturn.inject({ kind: 'throttle', retryAfterSeconds: 5 }, 'oauth2/token');
    const verdict = await login.tryLogin(token, password);
    expect(verdict).toMatchObject({ verdict: 'unknown', why: 'throttled', status: 429 });
    expect(verdict).toHaveProperty('retryAt');
    keyturn.inject({ kind: 'throttle' }, 'oauth2/token');
    expect(await login.tryLogin(token, password)).not.toHaveProperty('retryAt');
  });

  it.each([
    ['is dropped', { kind: 'drop', when: 'before' }, 'unavailable'],
    ['is dropped after it was let in', { kind: 'drop', when: 'after' }, 'unavailable'],
    ['is answered with half a token', { kind: 'damage', how: 'cut' }, 'unavailable'],
    ['is answered with a damaged token', { kind: 'damage', how: 'garble' }, 'damagedAnswer'],
  ] as const)('since it %s is unknown, and tells neither password nor token', async (_, effect, why) => {
    keyturn.inject(effect, 'oauth2/token');
    const verdict = await login.tryLogin(token, password);
    expect(verdict).toMatchObject({ verdict: 'unknown', why });
    expect(JSON.stringify(verdict)).not.toMatch(/eyJ/);
    expect(JSON.stringify(verdict)).not.toContain(password);
  });

  it('since nobody listens, or the name does not resolve, is unknown', async () => {
    for (const loginServer of ['localhost:9', 'registry.invalid']) {
      const nowhere = new AcrLoginServer({ loginServer, clock: systemClock });
      expect(await nowhere.tryLogin(token, password)).toEqual({ verdict: 'unknown', why: 'unavailable' });
    }
  });

  it('ends when the caller ends it', async () => {
    keyturn.inject({ kind: 'delay', milliseconds: 5_000 }, 'oauth2/token');
    const failure = await failureOf(login.tryLogin(token, password, { signal: AbortSignal.timeout(50) }));
    expect(failure.code).toBe('cancelled');
    expect(everythingOf(failure)).not.toContain(password);
  });
});

describe('something else in the place of the login server', () => {
  let server: Server | undefined;
  const asked: string[] = [];
  afterAll(() => server?.close());

  it.each([
    ['answers 200 to everything', 200, '<html>Welcome</html>', 'damagedAnswer'],
    ['redirects', 307, '', 'refused'],
    ['answers without end', 200, 'x'.repeat(200_000), 'damagedAnswer'],
  ] as const)('that %s has not accepted the password', async (_, status, body, why) => {
    const folder = keyturn.cloud.environment.NODE_EXTRA_CA_CERTS?.replace(/\/[^/]+$/, '') ?? '';
    const { key, cert } = await openCertificates(folder);
    server = createServer({ key, cert }, (request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status, { location: '/elsewhere' }).end(body);
    });
    const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'stranger');
    const stranger = new AcrLoginServer({ loginServer: `localhost:${port}`, clock: systemClock });
    expect(await stranger.tryLogin(token, password)).toEqual({ verdict: 'unknown', why, status });
    expect(asked).not.toContain('/elsewhere');
    server.close();
  });
});
