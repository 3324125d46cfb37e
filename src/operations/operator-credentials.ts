import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  ChainedTokenCredential,
  type TokenCredential,
} from '@azure/identity';
import { AzureCredentials, type CredentialSource } from '../adapters/azure-credential.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether there is a managed identity here, as on App Service and in the local cloud. */
export function hasManagedIdentity({ IDENTITY_ENDPOINT, MSI_ENDPOINT }: Environment): boolean {
  return Boolean(IDENTITY_ENDPOINT || MSI_ENDPOINT);
}

/**
 * Who a command is: where there is a managed identity (on Azure, and in the local cloud), the one that the settings
 * name, as the app; else whoever has logged in with `az login` or `azd auth login`.
 */
export function operatorCredentials(environment: Environment): CredentialSource {
  if (hasManagedIdentity(environment)) return new AzureCredentials();
  const person: TokenCredential = new ChainedTokenCredential(
    new AzureCliCredential(),
    new AzureDeveloperCliCredential(),
  );
  return { of: () => person };
}
