import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

/** The identity `reader` of `cloud.config.json`: it may read secrets, and nothing else. */
const readerClientId = '0a0a0a0a-0000-4000-8000-000000000003';

export interface PublishedPassword {
  readonly value: string;
  readonly version: string;
}

/** The vault as a consumer of passwords sees it, by the official client and an identity of its own. */
export class VaultReader {
  readonly #client: SecretClient;

  /** Finds the identity endpoint in the environment, as on Azure. */
  constructor(vaultUrl: string) {
    this.#client = new SecretClient(
      vaultUrl,
      new ManagedIdentityCredential({ clientId: readerClientId }),
      // The local vault is not below vault.azure.net, which is what the client would check.
      { disableChallengeResourceVerification: true },
    );
  }

  /** The newest version of a secret. @throws RestError of the client if the vault refuses */
  async read(secretName: string): Promise<PublishedPassword> {
    const { value, properties } = await this.#client.getSecret(secretName);
    if (value === undefined || properties.version === undefined)
      throw new Error(`The vault answered without a value for ${secretName}.`);
    return { value, version: properties.version };
  }
}
