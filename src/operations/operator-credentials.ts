import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  ChainedTokenCredential,
  type TokenCredential,
} from '@azure/identity';
import { AzureCredentials, type CredentialSource } from '../adapters/azure-credential.ts';

/**
 * Who a command is: where there is a managed identity (on Azure, and in the local cloud), the one that the settings
 * name, as the app; else whoever has logged in with `az login` or `azd auth login`.
 */
export function operatorCredentials(
  environment: Readonly<Record<string, string | undefined>>,
): CredentialSource {
  if (environment.IDENTITY_ENDPOINT || environment.MSI_ENDPOINT) return new AzureCredentials();
  const person: TokenCredential = new ChainedTokenCredential(
    new AzureCliCredential(),
    new AzureDeveloperCliCredential(),
  );
  return { of: () => person };
}
