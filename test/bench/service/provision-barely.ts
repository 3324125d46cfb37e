import { request } from 'node:https';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

/**
 * A script without Keyturn, as a process of its own, that asks registry, login server and vault for the same as Keyturn
 * does: look at the scope map, the token and the secret before each step, create, generate, log in three times in a row on
 * new connections, publish, look again. It takes no messages, keeps no record, sends no event, and knows nothing of what
 * was done when it is stopped.
 * Prints the milliseconds that each token took, as one line of JSON.
 */

const [count = '500', concurrency = '64'] = process.argv.slice(2);
const environment = (name: string) => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The environment has no ${name}.`);
  return value;
};

const resourceId = environment('REGISTRY_RESOURCE_ID');
const [, , subscriptionId = '', , resourceGroup = '', , , , registry = ''] = resourceId.split('/');
const loginServer = environment('LOGIN_SERVER');
const credential = new ManagedIdentityCredential({ clientId: environment('CLIENT_ID') });
const arm = new ContainerRegistryManagementClient(credential, subscriptionId, {
  endpoint: environment('AZURE_RESOURCE_MANAGER_ENDPOINT'),
  credentials: { scopes: ['https://management.azure.com/.default'] },
});
const vault = new SecretClient(environment('KEY_VAULT_URL'), credential, {
  disableChallengeResourceVerification: true,
});
const validFor = 240 * 24 * 3_600_000;

async function provision(token: string): Promise<void> {
  const secretName = `bare-${token}`;
  for (const _intakeAndPlan of [1, 2]) await arm.scopeMaps.get(resourceGroup, registry, 'device-firmware');
  if ((await readToken(token)) || (await secretExists(secretName)))
    throw new Error(`${token} is there already.`);
  const scopeMapId = `${resourceId}/scopeMaps/device-firmware`;
  if (await readToken(token)) throw new Error(`${token} is there already.`);
  await arm.tokens.create(resourceGroup, registry, token, { scopeMapId, status: 'enabled' });
  await readToken(token);
  await secretExists(secretName);
  await readToken(token);
  const expiry = new Date(Date.now() + validFor);
  const tokenId = `${resourceId}/tokens/${token}`;
  const answer = await arm.registries.generateCredentials(resourceGroup, registry, {
    tokenId,
    name: 'password1',
    expiry,
  });
  const password = answer.passwords?.find(({ name }) => name === 'password1')?.value ?? '';
  for (let inARow = 0; inARow < 3; ) inARow = (await logIn(token, password)) === 200 ? inARow + 1 : 0;
  await vault.setSecret(secretName, password, { expiresOn: expiry, tags: { token } });
  await secretExists(secretName);
  await readToken(token);
}

function readToken(token: string) {
  return arm.tokens.get(resourceGroup, registry, token).catch(() => undefined);
}

async function secretExists(name: string): Promise<boolean> {
  for await (const _version of vault.listPropertiesOfSecretVersions(name)) return true;
  return (await vault.getDeletedSecret(name).catch(() => undefined)) !== undefined;
}

function logIn(token: string, password: string): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${token}:${password}`).toString('base64')}`;
  return new Promise((resolve, reject) => {
    request(
      `https://${loginServer}/oauth2/token?service=${loginServer}`,
      { agent: false, headers: { authorization } },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      },
    )
      .on('error', reject)
      .end();
  });
}

const tokens = Array.from({ length: Number(count) }, (_, index) => `device-bare-${index}`);
const times: number[] = [];
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
      const begun = performance.now();
      await provision(token);
      times.push(performance.now() - begun);
    }
  }),
);
process.stdout.write(`${JSON.stringify(times)}\n`);
