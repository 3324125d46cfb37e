import { describe, expect, it } from 'vitest';
import { fieldsOf, listOf, textOf } from './bicep/values.ts';
import { deployKeyturn, grantsOf, keyturnObjectId, ofType, theOnly, within } from './deployed-keyturn.ts';

const deployment = deployKeyturn({
  privateNetwork: true,
  archiveRetentionInDays: 30,
  alertSinks: [{ name: 'oncall', allowedHosts: ['hooks.example.com'], urlSecret: 'oncall-url' }],
});

/** The services of each kind of storage account that the app uses. */
const used: Readonly<Record<string, readonly string[]>> = {
  sthost: ['blob', 'queue', 'table'],
  strecords: ['table'],
  starchive: ['blob'],
};

describe('the private network', () => {
  it('is made only where it is wanted', () => {
    const open = deployKeyturn();
    expect(ofType(open, 'Microsoft.Network/virtualNetworks')).toEqual([]);
    expect(ofType(open, 'Microsoft.Network/privateEndpoints')).toEqual([]);
    expect(
      within(theOnly(open, 'Microsoft.Web/sites').body, 'properties', 'virtualNetworkSubnetId'),
    ).toBeNull();
  });

  it('reaches everything that the app uses, and leaves none of it open', () => {
    const reached = ofType(deployment, 'Microsoft.Network/privateEndpoints').map(({ body }) => {
      const [link] = listOf(within(body, 'properties', 'privateLinkServiceConnections'));
      const { privateLinkServiceId, groupIds } = fieldsOf(within(link, 'properties'));
      return `${privateLinkServiceId} ${listOf(groupIds).join()}`;
    });
    const expected = [
      ...ofType(deployment, 'Microsoft.ServiceBus/namespaces').map(({ id }) => `${id} namespace`),
      ...ofType(deployment, 'Microsoft.KeyVault/vaults').map(({ id }) => `${id} vault`),
      ...ofType(deployment, 'Microsoft.ContainerRegistry/registries').map(({ id }) => `${id} registry`),
      ...ofType(deployment, 'Microsoft.Storage/storageAccounts').flatMap(({ id, name }) =>
        (used[name.slice(0, -13)] ?? ['?']).map((part) => `${id} ${part}`),
      ),
    ];
    expect(reached.toSorted()).toEqual(expected.toSorted());
    for (const type of ['Microsoft.KeyVault/vaults', 'Microsoft.Storage/storageAccounts'])
      for (const { body } of ofType(deployment, type))
        expect(body.properties).toMatchObject({
          publicNetworkAccess: 'Disabled',
          networkAcls: { defaultAction: 'Deny' },
        });
  });

  it('takes the Premium tier of Service Bus and of the registry', () => {
    for (const type of ['Microsoft.ServiceBus/namespaces', 'Microsoft.ContainerRegistry/registries'])
      expect(within(theOnly(deployment, type).body, 'sku', 'name')).toBe('Premium');
  });

  it('keeps the names of its endpoints in zones that are linked to it', () => {
    const zones = new Set(ofType(deployment, 'Microsoft.Network/privateDnsZones').map(({ id }) => id));
    const groups = ofType(deployment, 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups');
    expect(groups.length).toBeGreaterThan(0);
    for (const { body } of groups) {
      const [config] = listOf(within(body, 'properties', 'privateDnsZoneConfigs'));
      expect(zones).toContain(textOf(within(config, 'properties', 'privateDnsZoneId')));
    }
    expect(ofType(deployment, 'Microsoft.Network/privateDnsZones/virtualNetworkLinks')).toHaveLength(
      zones.size,
    );
  });

  it('has a subnet of its own for the app', () => {
    const { id } = theOnly(deployment, 'Microsoft.Network/virtualNetworks');
    const subnet = within(
      theOnly(deployment, 'Microsoft.Web/sites').body,
      'properties',
      'virtualNetworkSubnetId',
    );
    expect(subnet).toBe(`${id}/subnets/snet-app`);
  });
});

describe('the archive', () => {
  const auditor = '0e0e0e0e-0000-4000-8000-000000000001';
  const archived = deployKeyturn({
    archiveRetentionInDays: 365,
    archiveReaders: [{ principalId: auditor, principalType: 'Group' }],
  });

  it('cannot be changed for as long as was said', () => {
    const policy = theOnly(
      archived,
      'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies',
    );
    expect(within(policy.body, 'properties', 'immutabilityPeriodSinceCreationInDays')).toBe(365);
    expect(
      ofType(deployKeyturn(), 'Microsoft.Storage/storageAccounts').map(({ name }) =>
        name.replace(/.{13}$/, ''),
      ),
    ).toEqual(['strecords', 'sthost']);
  });

  it('lets Keyturn add and read, never change or delete, and those read who are named', () => {
    const grants = grantsOf(archived).filter(({ on }) => on.includes('/starchive'));
    expect(grants.map(({ role, to }) => [role.replace(/ [a-z0-9]{13}$/, ''), to])).toEqual([
      ['Keyturn archive writer', keyturnObjectId],
      ['Storage Blob Data Reader', auditor],
    ]);
    const [role] = ofType(archived, 'Microsoft.Authorization/roleDefinitions').filter(({ body }) =>
      textOf(within(body, 'properties', 'roleName')).startsWith('Keyturn archive writer'),
    );
    expect(within(role?.body, 'properties', 'permissions', 0)).toEqual({
      actions: [],
      notActions: [],
      dataActions: [
        'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action',
        'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
      ],
      notDataActions: [],
    });
  });

  it('is filled from a subscription that loses nothing, which Keyturn receives from', () => {
    const subscription = (from: typeof archived) =>
      ofType(from, 'Microsoft.ServiceBus/namespaces/topics/subscriptions').find(({ name }) =>
        name.endsWith('/archive'),
      );
    expect(subscription(archived)?.body.properties).toMatchObject({
      deadLetteringOnMessageExpiration: true,
      maxDeliveryCount: 2000,
    });
    const receivers = (from: typeof archived) =>
      grantsOf(from)
        .filter(({ on }) => on.endsWith('/subscriptions/archive'))
        .map(({ to }) => to);
    expect(receivers(archived)).toEqual([keyturnObjectId]);
    expect(receivers(deployKeyturn())).toEqual([]);
  });

  it('has its container by the name of the topic, where Keyturn looks for it', () => {
    const topic = theOnly(archived, 'Microsoft.ServiceBus/namespaces/topics');
    const [container] = ofType(archived, 'Microsoft.Storage/storageAccounts/blobServices/containers').filter(
      ({ name }) => name.startsWith('starchive'),
    );
    expect(container?.name.split('/').at(-1)).toBe(topic.name.split('/').at(-1));
  });
});
