import { describe, expect, it } from 'vitest';
import { type Configuration, configurationOf } from '../../src/configuration/configuration.ts';
import { configurationSchema } from '../../src/configuration/configuration-document.ts';
import { checkHttpAuthentication } from '../../src/configuration/http-authentication.ts';
import { parseConfiguration } from '../../src/configuration/read-configuration.ts';
import { httpRoutes } from '../../src/http/http-routes.ts';
import type { Fields } from './bicep/values.ts';
import {
  deployKeyturn,
  keyturnClientId,
  keyturnObjectId,
  localJson,
  ofType,
  settingsOf,
  tenantId,
  theOnly,
  within,
} from './deployed-keyturn.ts';

const registryOfOthers =
  '/subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/Images/providers/Microsoft.ContainerRegistry/registries/contoso';

function configured(parameters: Fields = {}): Configuration {
  return parseConfiguration(settingsOf(deployKeyturn(parameters)).KEYTURN_CONFIGURATION ?? '');
}

describe('the configuration that the infrastructure writes', () => {
  it('is one that Keyturn starts with, by the defaults alone', () => {
    const { entrances, registries, vaults, identity } = configured();
    expect([...entrances.keys()]).toEqual([
      'token-requests',
      'token-requests-partners',
      'token-requests-devices',
    ]);
    expect([...registries.keys()]).toEqual(['images']);
    expect([...vaults.keys()]).toEqual(['teams', 'partners', 'devices']);
    expect(identity).toEqual({ clientId: keyturnClientId, objectId: keyturnObjectId });
  });

  it('leads to the registry and the vaults that are made', () => {
    const deployment = deployKeyturn();
    const { registries, vaults } = configured();
    const made = (type: string) => ofType(deployment, type).map(({ id }) => id);
    expect([...registries.values()].map(({ resourceId }) => resourceId)).toEqual(
      made('Microsoft.ContainerRegistry/registries'),
    );
    expect([...vaults.values()].map(({ url }) => url)).toEqual(
      ofType(deployment, 'Microsoft.KeyVault/vaults').map(({ name }) => `https://${name}.vault.azure.net`),
    );
  });

  it("has the public cloud's addresses as Keyturn has them itself", () => {
    const { cloud } = configurationOf(
      configurationSchema.parse({ registries: {}, vaults: {}, entrances: {} }),
    );
    expect(configured().cloud).toEqual(cloud);
  });

  it('says of a registry of others what was said of it, and makes none in its place', () => {
    const registries = [
      { name: 'images', resourceId: registryOfOthers, replicas: true, verification: 'wait' },
    ];
    const deployment = deployKeyturn({ registries });
    expect(ofType(deployment, 'Microsoft.ContainerRegistry/registries')).toEqual([]);
    expect(configured({ registries }).registries.get('images')).toEqual({
      name: 'images',
      resourceId: registryOfOthers,
      loginServer: 'contoso.azurecr.io',
      settleAfter: { firstPassword: 'PT300S', regenerated: 'PT300S' },
      verification: 'wait',
      accepted: [],
      ignoredTokens: [],
    });
  });

  it('passes on every key of an entrance and of a profile', () => {
    const { entrances } = localJson('keyturn/configuration.json');
    const profile = { rotateEvery: 'P7D', overlap: 'P1D', minimumOverlap: 'PT12H' };
    const configuration = configured({
      registries: [{ name: 'contoso' }],
      vaults: [{ name: 'keyturn' }, { name: 'brief', longestValidity: 'P90D' }],
      entrances: Object.entries(entrances as Fields).map(([name, entrance]) => ({
        name,
        ...(entrance as Fields),
      })),
      profiles: { weekly: profile },
    });
    expect(configuration.entrances.get('token-requests')?.urgentQueue).toBe('token-requests-urgent');
    expect(configuration.profiles.get('weekly')).toMatchObject(profile);
    expect(configuration.vaults.get('brief')?.longestValidity).toBe('P90D');
  });

  it('passes on every key of a registry and of a vault', () => {
    const said = {
      loginServer: 'images.example.com',
      replicas: true,
      settleAfter: 'PT2M',
      verification: 'wait',
      accepted: ['anonymousPull'],
      ignoredTokens: ['pipeline-*'],
    };
    const { registries, vaults } = JSON.parse(
      settingsOf(
        deployKeyturn({
          registries: [{ name: 'images', resourceId: registryOfOthers, ...said }],
          vaults: [{ name: 'teams', longestValidity: 'P90D' }, { name: 'partners' }, { name: 'devices' }],
        }),
      ).KEYTURN_CONFIGURATION ?? '',
    );
    const { registries: registry, vaults: vault } = configurationSchema.def.shape;
    expect(Object.keys(registries.images).toSorted()).toEqual(
      Object.keys(registry.valueType.shape).toSorted(),
    );
    expect(Object.keys(vaults.teams).toSorted()).toEqual(Object.keys(vault.valueType.shape).toSorted());
  });

  it('has every section of the configuration, or lets it be said', () => {
    const written = Object.keys(JSON.parse(settingsOf(deployKeyturn()).KEYTURN_CONFIGURATION ?? ''));
    const others = Object.keys(configurationSchema.shape).filter((section) => !written.includes(section));
    expect(others.length).toBeGreaterThan(0);
    const said = { otherConfiguration: { metrics: { schedule: '0 0 * * * *' } } };
    expect(configured(said).metrics.schedule).toBe('0 0 * * * *');
  });

  it('switches HTTP on only together with App Service Authentication, for callers of this tenant', () => {
    const parameters = {
      entraApplicationId: '0d0d0d0d-0000-4000-8000-000000000001',
      httpReaders: [{ role: 'Tokens.Read', entrances: 'all' }],
    };
    const authentication = (given: Fields) =>
      ofType(deployKeyturn(given), 'Microsoft.Web/sites/config').map(({ name }) => name.split('/').at(-1));
    expect(configured().http).toEqual({ authentication: 'off' });
    expect(authentication({})).toEqual([]);
    const { http } = configured(parameters);
    expect(http).toMatchObject({ authentication: 'appService', tenantId });
    expect(authentication(parameters)).toEqual(['authsettingsV2']);
    const { body } = theOnly(deployKeyturn(parameters), 'Microsoft.Web/sites/config');
    expect(within(body, 'properties', 'globalValidation')).toMatchObject({
      requireAuthentication: true,
      unauthenticatedClientAction: 'Return401',
      excludedPaths: [`/api/${httpRoutes.find(({ functionName }) => functionName === 'http_health')?.route}`],
    });
    expect(() => checkHttpAuthentication(http, { WEBSITE_AUTH_ENABLED: 'True' })).not.toThrow();
  });

  it('names the queues and the topic that are made', () => {
    const made = new Set(
      [
        ...ofType(deployKeyturn(), 'Microsoft.ServiceBus/namespaces/queues'),
        ...ofType(deployKeyturn(), 'Microsoft.ServiceBus/namespaces/topics'),
      ].map(({ name }) => name.split('/').at(-1)),
    );
    const { messaging, entrances } = configured();
    for (const name of Object.values(messaging)) expect(made).toContain(name);
    for (const { queue, urgentQueue } of entrances.values()) {
      expect(made).toContain(queue);
      if (urgentQueue !== undefined) expect(made).toContain(urgentQueue);
    }
  });

  it('is refused by the parameters when a key of an entrance is misspelt', () => {
    const entrances = [{ name: 'token-requests', urgentQueu: 'x', policy: {} }];
    expect(() => deployKeyturn({ entrances })).toThrow('entrances[0].urgentQueu is not known');
  });
});
