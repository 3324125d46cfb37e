import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';

/** Gives the credential for a client id; without one, the default. */
export interface CredentialSource {
  of(clientId: string | undefined): TokenCredential;
}

/**
 * The managed identity of the app, as the Functions conventions name it: the user-assigned one with that client id
 * (`<connection>__clientId`), or without one the system-assigned. There are no keys.
 */
export class AzureCredentials implements CredentialSource {
  readonly #byClientId = new Map<string | undefined, TokenCredential>();

  /** The same credential for the same identity, so that it asks for each access token once. */
  of(clientId: string | undefined): TokenCredential {
    const known = this.#byClientId.get(clientId);
    if (known) return known;
    const credential = new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
    this.#byClientId.set(clientId, credential);
    return credential;
  }
}
