import type { Instant } from '../contracts/instants.ts';

const registries = 'Microsoft.ContainerRegistry/registries';

/** The operations of Azure Resource Manager that Keyturn looks at, and what each of them is called here. */
export const reportedOperations = {
  tokenWritten: `${registries}/tokens/write`,
  tokenDeleted: `${registries}/tokens/delete`,
  scopeMapWritten: `${registries}/scopeMaps/write`,
  scopeMapDeleted: `${registries}/scopeMaps/delete`,
  credentialsGenerated: `${registries}/generateCredentials/action`,
  registryWritten: `${registries}/write`,
  registryDeleted: `${registries}/delete`,
  adminCredentialsListed: `${registries}/listCredentials/action`,
  adminCredentialsRegenerated: `${registries}/regenerateCredential/action`,
} as const;

export type ReportedOperation = keyof typeof reportedOperations;

/** Who did it, as far as Azure tells. All of it is shown to people: free text is cut and holds no control characters. */
export interface ReportedActor {
  readonly kind: 'user' | 'application' | 'unknown';
  /** Of a user the name to sign in with, of a managed identity the name of its resource. */
  readonly name: string | undefined;
  /** In lower case. */
  readonly objectId: string | undefined;
  /** Client id of the application, or of the one that a user came by, in lower case. */
  readonly appId: string | undefined;
  /** IP address. */
  readonly address: string | undefined;
}

interface ReportFacts {
  /** Of the event: a repeated report has the same. */
  readonly id: string;
  /** Resource id of the registry in lower case, since Azure writes it in several ways. */
  readonly registryId: string;
  readonly at: Instant;
  readonly actor: ReportedActor;
  /** Ties together what belongs to one deployment or one call. */
  readonly correlationId: string | undefined;
  /** The caller's `x-ms-client-request-id`; Azure leaves it out of what it tells of creations. */
  readonly clientRequestId: string | undefined;
}

/** One change of a registry that Azure reports. Names keep their case; compare them with `sameName`. */
export type RegistryReport = ReportFacts &
  (
    | { readonly kind: 'tokenWritten' | 'tokenDeleted'; readonly token: string }
    | { readonly kind: 'scopeMapWritten' | 'scopeMapDeleted'; readonly scopeMap: string }
    /** Azure names only the registry as a rule. */
    | { readonly kind: 'credentialsGenerated'; readonly token: string | undefined }
    | {
        readonly kind:
          | 'registryWritten'
          | 'registryDeleted'
          | 'adminCredentialsListed'
          | 'adminCredentialsRegenerated';
      }
  );
