import { notImplemented, secretDisabled } from './key-vault-error.ts';
import { listPage } from './list-pages.ts';
import { readSetRequest, readUpdateRequest } from './secret-requests.ts';
import type { Vault } from './vault.ts';
import { type DataAction, dataActions } from './vault-authorization.ts';

/** What a request to a vault says. */
export interface SecretRequest {
  /** Name in the path, not yet checked; empty where the path has none. */
  readonly name: string;
  readonly version: string | undefined;
  readonly body: string;
  /** Path and query of the request, at the vault's own host and port. */
  readonly url: URL;
}

/** One thing that can be asked of a vault. Paths are without trailing slash. */
export interface SecretOperation {
  readonly method: string;
  readonly path: RegExp;
  /** Permission that it needs. */
  readonly action: DataAction;
  /** Does it and returns the body of the answer; without one the answer is 204. Refusals are thrown as `KeyVaultError`. */
  run(request: SecretRequest): Record<string, unknown> | undefined;
}

/** Everything that the local cloud has of a vault, in the order in which paths are tried. */
export function secretOperations(vault: Vault): readonly SecretOperation[] {
  return [...activeOperations(vault), ...deletedOperations(vault), ...missingOperations()];
}

const oneSecret = /^\/secrets\/(?<name>[^/]+)$/;
const oneVersion = /^\/secrets\/(?<name>[^/]+)\/(?<version>[^/]+)$/;
const oneDeleted = /^\/deletedsecrets\/(?<name>[^/]+)$/;

function activeOperations({ store, answers }: Vault): SecretOperation[] {
  const read = ({ name, version: id }: SecretRequest) => {
    const { secret, version } = store.version(name, id);
    if (!version.enabled) throw secretDisabled();
    return answers.withValue(secret, version);
  };
  const update = ({ name, version: id, body }: SecretRequest) => {
    const { secret, version } = store.update(name, id, readUpdateRequest(body));
    return answers.withoutValue(secret, version);
  };
  return [
    {
      method: 'GET',
      path: /^\/secrets$/,
      action: dataActions.readMetadata,
      run: ({ url }) => {
        const places = store.all().map(({ secret, status }) => ({
          key: secret.name.toLowerCase(),
          item: status === 'active' ? answers.listed(secret) : undefined,
        }));
        return listPage(places, url);
      },
    },
    {
      method: 'PUT',
      path: oneSecret,
      action: dataActions.setSecret,
      run: ({ name, body }) => {
        const { value, properties } = readSetRequest(body);
        const { secret, version } = store.set(name, value, properties);
        return answers.withValue(secret, version);
      },
    },
    { method: 'GET', path: oneSecret, action: dataActions.getSecret, run: read },
    {
      method: 'GET',
      path: /^\/secrets\/(?<name>[^/]+)\/versions$/,
      action: dataActions.readMetadata,
      run: ({ name, url }) => {
        const places = store
          .versions(name)
          .map(({ secret, version }) => ({ key: version.id, item: answers.withoutValue(secret, version) }))
          .sort((one, other) => (one.key < other.key ? -1 : 1));
        return listPage(places, url);
      },
    },
    { method: 'GET', path: oneVersion, action: dataActions.getSecret, run: read },
    { method: 'PATCH', path: oneSecret, action: dataActions.update, run: update },
    { method: 'PATCH', path: oneVersion, action: dataActions.update, run: update },
    {
      method: 'DELETE',
      path: oneSecret,
      action: dataActions.delete,
      run: ({ name }) => answers.deleted(store.delete(name)),
    },
  ];
}

function deletedOperations({ store, answers, deletedSecretReadAction }: Vault): SecretOperation[] {
  return [
    {
      method: 'GET',
      path: /^\/deletedsecrets$/,
      action: dataActions.readMetadata,
      run: ({ url }) => {
        const places = store
          .all()
          .filter(({ status }) => status === 'deleted')
          .map(({ secret }) => ({ key: secret.name.toLowerCase(), item: answers.listedDeleted(secret) }));
        return listPage(places, url);
      },
    },
    {
      method: 'GET',
      path: oneDeleted,
      action: deletedSecretReadAction,
      run: ({ name }) => answers.deleted(store.deleted(name)),
    },
    {
      method: 'POST',
      path: /^\/deletedsecrets\/(?<name>[^/]+)\/recover$/,
      action: dataActions.recover,
      run: ({ name }) => {
        const { secret, version } = store.recover(name);
        return answers.withoutValue(secret, version);
      },
    },
    {
      method: 'DELETE',
      path: oneDeleted,
      action: dataActions.purge,
      run: ({ name }) => {
        store.purge(name);
        return undefined;
      },
    },
  ];
}

function missingOperations(): SecretOperation[] {
  const refuse = (what: string) => () => {
    throw notImplemented(what);
  };
  return [
    {
      method: 'POST',
      path: /^\/secrets\/restore$/,
      action: dataActions.restore,
      run: refuse('Restoring a secret from a backup'),
    },
    {
      method: 'POST',
      path: /^\/secrets\/(?<name>[^/]+)\/backup$/,
      action: dataActions.backup,
      run: refuse('Backing up a secret'),
    },
  ];
}
