import { SecretClient } from '@azure/keyvault-secrets';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Ports } from '../../src/adapters/connect.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { ConfigurationError, parseConfiguration } from '../../src/configuration/read-configuration.ts';
import { active, identity, start } from '../lifecycle/build.ts';
import { tokenRequestDenied } from './build-events.ts';
import { failureOf, type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

let keyturn: KeyturnCloud;
let ports: Ports;
const clientId = '0a0a0a0a-0000-4000-8000-000000000002';

/** What the app would be configured with; only addresses are the local cloud's. */
function configuration(environment: Readonly<Record<string, string>>, clientIdOfApp = clientId): string {
  const loginServer = keyturn.cloud.endpoints.find(([, name]) => name === 'login-server contoso')?.[2];
  return JSON.stringify({
    registries: {
      contoso: {
        resourceId: environment.REGISTRY_RESOURCE_ID,
        loginServer: loginServer?.replace('https://', ''),
      },
    },
    vaults: { teams: { url: environment.KEY_VAULT_URL } },
    entrances: {
      'token-requests': {
        policy: {
          sources: ['*'],
          owners: ['*'],
          commands: ['keyturn.token.requested'],
          registries: ['contoso'],
          tokens: ['*'],
          vault: 'teams',
        },
      },
    },
    identity: { clientId: clientIdOfApp },
    cloud: { armEndpoint: environment.AZURE_RESOURCE_MANAGER_ENDPOINT, verifyVaultChallenge: false },
  });
}

const settings = () => ({
  ServiceBus__fullyQualifiedNamespace: keyturn.cloud.environment.ServiceBus__fullyQualifiedNamespace,
  ServiceBus__clientId: keyturn.cloud.environment.ServiceBus__clientId,
  Records__tableServiceUri: keyturn.cloud.environment.STORAGE_TABLE_ENDPOINT,
  Records__clientId: clientId,
});

beforeAll(async () => {
  keyturn = await startKeyturnCloud(undefined, 'resource-manager', (config) => ({
    ...config,
    registry: { ...config.registry, settings: { pollsUntilDone: 0 } },
  }));
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = keyturn.cloud.environment;
  Object.assign(process.env, { IDENTITY_ENDPOINT, IDENTITY_HEADER });
  ports = connect(parseConfiguration(configuration(keyturn.cloud.environment)), settings(), systemClock);
});
afterAll(async () => {
  await ports.close();
  await keyturn.close();
});

function port<Port>(ofKind: ReadonlyMap<string, Port>, name: string): Port {
  const found = ofKind.get(name);
  if (!found) throw new Error(`There is no port ${name}.`);
  return found;
}

describe('the ports of a configured app', () => {
  it('bring a password from the registry to the vault with the managed identity alone', async () => {
    const registry = port(ports.registries, 'contoso');
    const vault = port(ports.vaults, 'teams');
    await registry.createToken('team-token', '_repositories_pull');
    const made = await registry.generatePassword('team-token', 'password1', '2030-01-01T00:00:00.000Z');
    const login = port(ports.loginServers, 'contoso');
    expect(await login.tryLogin('team-token', made.value)).toEqual({ verdict: 'accepted' });
    const { value, createdAt } = made;
    await vault.writeVersion('acr-contoso--team-token', {
      value,
      contentType: 'text/plain',
      expiresAt: '2030-01-01T00:00:00.000Z',
      tags: { slotCreatedAt: createdAt },
    });
    const reader = new SecretClient(
      keyturn.cloud.environment.KEY_VAULT_URL ?? '',
      keyturn.credential('operator'),
      { disableChallengeResourceVerification: true },
    );
    expect((await reader.getSecret('acr-contoso--team-token')).value).toBe(value);
    const callers = keyturn.cloud.history.list({ part: 'resource-manager' }).map((each) => each.identity);
    expect(new Set(callers)).toEqual(new Set(['keyturn']));
  });

  it('keep records, leases, inventory and requests, and send messages', async () => {
    expect(await ports.records.saveState(active(), undefined)).toBeDefined();
    const until = new Date(Date.now() + 60_000).toISOString();
    expect((await ports.leases.takeLease(identity, { holder: 'one', until })).taken).toBe(true);
    await ports.inventory.markPending('contoso', 'team-web', start);
    const request = { entrance: 'token-requests', key: 'abc', token: identity, enqueuedAt: start };
    await ports.requests.addRequest(request);
    expect(await ports.requests.findRequest('token-requests', 'abc')).toEqual(identity);
    const message = { messageId: '1', body: new Uint8Array([1]), properties: {} };
    await ports.messages.send('token-requests', message);
  });

  it('publish and send with the managed identity alone', async () => {
    keyturn.cloud.history.clear();
    await ports.messages.publish(tokenRequestDenied('event-by-identity'));
    await ports.messages.send('alert-deliveries', { messageId: '2', body: new Uint8Array(), properties: {} });
    const sent = keyturn.cloud.history
      .list({ part: 'service-bus' })
      .filter(({ request }) => request.startsWith('send '))
      .map(({ request, identity, outcome }) => [request, identity, outcome]);
    expect(sent).toEqual([
      ['send token-events', 'keyturn', 'accepted'],
      ['send alert-deliveries', 'keyturn', 'accepted'],
    ]);
    const { SERVICE_BUS_EMULATOR_CONNECTION_STRING: emulator = '' } = keyturn.cloud.environment;
    const reader = new ServiceBusClient(emulator);
    const archive = reader.createReceiver('token-events', 'archive', { receiveMode: 'receiveAndDelete' });
    const [event] = await archive.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
    expect(event).toMatchObject({ messageId: 'event-by-identity', body: { subject: 'contoso/team-web' } });
    await reader.close();
  });

  it('say which setting is missing', () => {
    const configured = parseConfiguration(configuration(keyturn.cloud.environment));
    const without = (name: string) => () =>
      connect(configured, { ...settings(), [name]: undefined }, systemClock);
    const namespace = 'ServiceBus__fullyQualifiedNamespace';
    expect(without(namespace)).toThrow(ConfigurationError);
    expect(without(namespace)).toThrow(namespace);
    expect(without('Records__tableServiceUri')).toThrow('Records__tableServiceUri');
  });

  it('of an identity that the app does not have get no access token', async () => {
    const unknown = configuration(keyturn.cloud.environment, '0a0a0a0a-0000-4000-8000-00000000ffff');
    const others = connect(parseConfiguration(unknown), settings(), systemClock);
    const failure = await failureOf(port(others.registries, 'contoso').readToken('team-token'));
    expect(failure).toMatchObject({ service: 'identity', code: 'noIdentity' });
    await others.close();
  });
});
