import type { CloudConfig } from '../../../infra/local/cloud-config.ts';
import { withQuickVault } from '../../service/commands/quick-vault.ts';

/** Identities of the local cloud, by their client ids. */
export const clientIds = {
  keyturn: '0a0a0a0a-0000-4000-8000-000000000002',
  reader: '0a0a0a0a-0000-4000-8000-000000000003',
  limited: '0a0a0a0a-0000-4000-8000-0000000000aa',
};

const ofRegistry = 'Microsoft.ContainerRegistry/registries';

/** `keyturn` may see Event Grid here; `limited` lacks one action at each service. */
export function withOtherRights(config: CloudConfig): CloudConfig {
  const own = config.identities.find(({ name }) => name === 'keyturn');
  if (!own) throw new Error('There is no identity keyturn.');
  const lacking = [
    `${ofRegistry}/generateCredentials/action`,
    `${ofRegistry}/tokens/operationStatuses/read`,
    'Microsoft.KeyVault/vaults/secrets/setSecret/action',
    'Microsoft.ServiceBus/namespaces/messages/receive/action',
  ];
  const onlooker = {
    ...own,
    name: 'limited',
    clientId: clientIds.limited,
    objectId: clientIds.limited.replaceAll('a', 'b'),
    resourceId: `${own.resourceId}-limited`,
    permissions: own.permissions.filter((permission) => !lacking.includes(permission)),
  };
  const seesEvents = [
    'Microsoft.EventGrid/systemTopics/read',
    'Microsoft.EventGrid/systemTopics/eventSubscriptions/read',
  ];
  return withQuickVault({
    ...config,
    identities: [
      ...config.identities.filter((each) => each !== own),
      { ...own, permissions: [...own.permissions, ...seesEvents] },
      onlooker,
    ],
  });
}
