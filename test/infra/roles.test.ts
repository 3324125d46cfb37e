import { describe, expect, it } from 'vitest';
import { type Fields, fieldsOf, listOf, textOf } from './bicep/values.ts';
import { deployKeyturn, grantsOf, keyturnObjectId, localJson, ofType, within } from './deployed-keyturn.ts';

/** The data actions of the built-in roles that Keyturn has on Service Bus. Source: Azure's list of built-in roles. */
const serviceBusActions: Readonly<Record<string, string>> = {
  'Azure Service Bus Data Sender': 'Microsoft.ServiceBus/namespaces/messages/send/action',
  'Azure Service Bus Data Receiver': 'Microsoft.ServiceBus/namespaces/messages/receive/action',
};

/** What the identity `keyturn` may do in the local cloud, which enforces it. */
function localPermissions(): string[] {
  const identities = listOf(localJson('cloud.config.json').identities).map(fieldsOf);
  const keyturn = identities.find(({ name }) => name === 'keyturn');
  return listOf(keyturn?.permissions).map(textOf).toSorted();
}

/** The custom roles by their names, without what tells deployments apart. */
function customRoles(parameters: Fields = {}): Map<string, { control: string[]; data: string[] }> {
  return new Map(
    ofType(deployKeyturn(parameters), 'Microsoft.Authorization/roleDefinitions').map(({ body }) => {
      const [permissions] = listOf(within(body, 'properties', 'permissions'));
      const texts = (key: string) => listOf(fieldsOf(permissions)[key]).map(textOf);
      const roleName = textOf(within(body, 'properties', 'roleName'));
      return [
        roleName.split(' ').slice(0, 3).join(' '),
        { control: texts('actions'), data: texts('dataActions') },
      ];
    }),
  );
}

describe('the roles of Keyturn', () => {
  it('are together what the local cloud lets it do, and the end-to-end tests run with', () => {
    const parameters = { followDeletions: true };
    const custom = [...customRoles(parameters).values()].flatMap(({ control, data }) => [
      ...control,
      ...data,
    ]);
    const onServiceBus = grantsOf(deployKeyturn(parameters))
      .filter(({ to }) => to === keyturnObjectId)
      .flatMap(({ role }) => serviceBusActions[role] ?? []);
    expect([...new Set([...custom, ...onServiceBus])].toSorted()).toEqual(localPermissions());
  });

  it('let it write passwords and not read them', () => {
    const { control, data } = customRoles().get('Keyturn vault writer') ?? { control: ['?'], data: [] };
    expect(control).toEqual([]);
    expect(data).not.toContainEqual(expect.stringMatching(/getSecret|\*|purge|backup|restore/i));
    const onVaults = grantsOf(deployKeyturn()).filter(({ on }) => on.includes('/vaults/'));
    expect(onVaults).toHaveLength(3);
    for (const { role, to } of onVaults)
      expect([role.startsWith('Keyturn vault writer'), to]).toEqual([true, keyturnObjectId]);
  });

  it('follow deletions at the subscription only where that is wanted', () => {
    expect([...customRoles().keys()]).toEqual(['Keyturn vault writer', 'Keyturn registry tokens']);
    expect(customRoles({ followDeletions: true }).get('Keyturn registry operations')?.control).toEqual([
      'Microsoft.ContainerRegistry/locations/operationResults/read',
    ]);
  });

  it('have no wildcards', () => {
    for (const { control, data } of customRoles({ followDeletions: true }).values())
      expect([...control, ...data].filter((action) => action.includes('*'))).toEqual([]);
  });

  it('let it read the operations vault, where there are sinks of alerts, and operators fill that', () => {
    const operator = '0e0e0e0e-0000-4000-8000-000000000002';
    const deployment = deployKeyturn({
      operators: [{ principalId: operator, principalType: 'Group' }],
      alertSinks: [{ name: 'oncall', allowedHosts: ['hooks.example.com'], urlSecret: 'oncall-url' }],
    });
    const read = ['Key Vault Secrets User', 'Key Vault Secrets Officer'];
    const readers = grantsOf(deployment).filter(({ role }) => read.includes(role));
    expect(readers.map(({ on, role, to }) => [on.split('/').at(-1)?.slice(0, 7), role, to])).toEqual([
      ['kv-ops-', 'Key Vault Secrets User', keyturnObjectId],
      ['kv-ops-', 'Key Vault Secrets Officer', operator],
    ]);
  });

  it('are the only ones on its storage', () => {
    const onStorage = grantsOf(deployKeyturn()).filter(({ on }) => on.includes('/storageAccounts/'));
    expect(new Set(onStorage.map(({ to }) => to))).toEqual(new Set([keyturnObjectId]));
    const of = (account: string) =>
      onStorage
        .filter(({ on }) => on.includes(`/${account}`))
        .map(({ role }) => role)
        .toSorted();
    expect(of('strecords')).toEqual(['Storage Table Data Contributor']);
    expect(of('sthost')).toEqual([
      'Storage Blob Data Owner',
      'Storage Queue Data Contributor',
      'Storage Table Data Contributor',
    ]);
  });

  it('lie on every registry, in whatever subscription, by one role for each resource group', () => {
    const registry = (subscription: number, group: string, name: string) => ({
      name: `${name}-registry`,
      resourceId: `/subscriptions/00000000-0000-4000-8000-00000000000${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${name}`,
    });
    const deployment = deployKeyturn({
      registries: [
        registry(8, 'Images', 'contoso'),
        registry(8, 'images', 'fabrikam'),
        registry(9, 'more', 'third'),
      ],
    });
    const onRegistries = grantsOf(deployment)
      .filter(({ on }) => on.includes('/registries/'))
      .map(({ on, role, to }) => [on.split('/').at(-1), role.startsWith('Keyturn registry tokens'), to]);
    expect(onRegistries).toEqual([
      ['contoso', true, keyturnObjectId],
      ['fabrikam', true, keyturnObjectId],
      ['third', true, keyturnObjectId],
    ]);
    const roles = ofType(deployment, 'Microsoft.Authorization/roleDefinitions').map(({ id }) =>
      id.split('/').slice(2, 5).join('/').toLowerCase(),
    );
    expect(roles).toContain('00000000-0000-4000-8000-000000000008/resourcegroups/images');
    expect(roles).toContain('00000000-0000-4000-8000-000000000009/resourcegroups/more');
    expect(roles).toHaveLength(3);
  });

  it('let those read a vault who are named for it, and nobody else', () => {
    const reader = '0e0e0e0e-0000-4000-8000-000000000001';
    const deployment = deployKeyturn({
      vaults: [
        { name: 'teams', readers: [{ principalId: reader }] },
        { name: 'partners' },
        { name: 'devices' },
      ],
    });
    const readers = grantsOf(deployment).filter(({ role }) => role === 'Key Vault Secrets User');
    expect(readers.map(({ on, to }) => [on.split('/').at(-1)?.split('-')[1], to])).toEqual([
      ['teams', reader],
    ]);
  });
});
