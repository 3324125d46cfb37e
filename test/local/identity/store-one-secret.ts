import { TableClient } from '@azure/data-tables';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

/** What an app does on Azure: everything that it knows of its surroundings is in the environment. */
const { AZURE_CLIENT_ID: clientId, KEY_VAULT_URL = '', STORAGE_TABLE_ENDPOINT = '' } = process.env;
const credential = new ManagedIdentityCredential(clientId ? { clientId } : {});

const vault = new SecretClient(KEY_VAULT_URL, credential, { disableChallengeResourceVerification: true });
const { properties } = await vault.setSecret('token-password', 'p@ssw0rd', { tags: { generation: '1' } });

const table = new TableClient(STORAGE_TABLE_ENDPOINT, 'tokens', credential);
await table.createTable();
await table.createEntity({
  partitionKey: 'contoso',
  rowKey: 'state',
  secretVersion: properties.version ?? '',
});
const state = await table.getEntity<{ secretVersion: string }>('contoso', 'state');
process.stdout.write(state.secretVersion);
