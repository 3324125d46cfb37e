import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { ManagedIdentityCredential } from '@azure/identity';
import { setting } from './setting.ts';

const [tokenName = 'hello-token', repository = 'samples/hello-world'] = process.argv.slice(2);
const registryId = setting('REGISTRY_RESOURCE_ID');
const [, , subscriptionId = '', , resourceGroup = '', , , , registryName = ''] = registryId.split('/');

const client = new ContainerRegistryManagementClient(new ManagedIdentityCredential(), subscriptionId, {
  endpoint: setting('AZURE_RESOURCE_MANAGER_ENDPOINT'),
  credentials: { scopes: ['https://management.azure.com/.default'] },
});

const scopeMap = await client.scopeMaps.create(resourceGroup, registryName, `${tokenName}-scope-map`, {
  actions: [`repositories/${repository}/content/read`, `repositories/${repository}/content/write`],
});
const token = await client.tokens.create(resourceGroup, registryName, tokenName, {
  scopeMapId: scopeMap.id ?? '',
  status: 'enabled',
});
const generated = await client.registries.generateCredentials(resourceGroup, registryName, {
  tokenId: token.id ?? '',
  name: 'password1',
});
const password = generated.passwords?.find(({ name }) => name === 'password1')?.value ?? '';
process.stdout.write(`Token ${tokenName} may pull from and push to ${repository}.\n`);

const { loginServer = '' } = await client.registries.get(resourceGroup, registryName);
const login = await fetch(`https://${loginServer}/oauth2/token?service=${loginServer}`, {
  headers: { authorization: `Basic ${Buffer.from(`${tokenName}:${password}`).toString('base64')}` },
});
if (!login.ok) throw new Error(`The login server answered ${login.status}: ${await login.text()}`);
process.stdout.write(
  `Its first password logs in. To try it yourself:\n\n` +
    `  SSL_CERT_FILE=${setting('NODE_EXTRA_CA_CERTS')} skopeo login ${loginServer} -u ${tokenName} -p '${password}'\n`,
);
