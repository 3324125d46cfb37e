import { createHash } from 'node:crypto';
import { z } from 'zod';
import { violation } from './violations.ts';

/**
 * A registry as messages name it: the key of the registry in Keyturn's configuration, usually the name it has
 * in Azure. Lower-cased, since Azure's names are case-insensitive. Single hyphens only, see `derivedSecretName`.
 */
export const registryNameSchema = z
  .string()
  .max(50)
  .toLowerCase()
  .regex(/^(?=.{5,50}$)[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/, violation('invalidRegistryName'));

/** The key of a registry in the configuration: lower case only, so that no two keys mean the same registry. */
export const registryKeySchema = z
  .string()
  .regex(/^(?=.{5,50}$)[a-z0-9]+(-[a-z0-9]+)*$/, violation('invalidRegistryName'));

/**
 * Azure's rule is 5 to 50 of letters, digits and hyphens; a first digit is refused by some of its versions,
 * so it is refused here. Keeps its case, as Azure does; compare with `sameName`.
 */
export const tokenNameSchema = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9-]{4,49}$/, violation('invalidTokenName'));

/** Azure's rule. Names that start with `_repositories_` are the registry's own maps. */
export const scopeMapNameSchema = z.string().regex(/^[a-zA-Z0-9_-]{5,50}$/, violation('invalidScopeMapName'));

/** Key Vault's rule for the name of a secret. */
export const secretNameSchema = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9-]{0,126}$/, violation('invalidSecretName'));

/** One of the two places for a password that every token has. */
export const slotSchema = z.enum(['password1', 'password2']);

/** Who a token is for: a team, a partner, a device fleet. Compares exactly. Fits in a tag of a vault secret. */
export const ownerSchema = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._@/+:-]{0,127}$/, violation('invalidOwner'));

/** A queue with its own senders, as the configuration calls it. */
export const entranceNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{2,49}$/, violation('invalidEntranceName'));

/** Stands for an entrance in a policy's `manages`: the tokens that nobody manages. No entrance may have this name. */
export const unmanagedTokens = 'unmanaged';

/** Whether two names of Azure resources mean the same one. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * What identifies a token everywhere: its login server and its name, lower-cased. (Resource names alone repeat
 * between clouds and tenants.) Neither part can hold a `~`, and the key is legal as the id of a Durable instance,
 * as a table's partition key and as a segment of a URL path.
 */
export function tokenKey(loginServer: string, token: string): string {
  return `${loginServer}~${token}`.toLowerCase();
}

/** The scope map that Keyturn makes for one token. A long token name is cut, and told apart by its hash. */
export function ownScopeMapName(token: string): string {
  const hash = createHash('sha256').update(token.toLowerCase()).digest('hex');
  const stem = token.length <= 40 ? token : `${token.slice(0, 31)}-${hash.slice(0, 8)}`;
  return `${stem}-scope-map`;
}

/**
 * Whether a scope map has the name that the Azure CLI (`az acr token create --repository`), and Keyturn after it, gives
 * to the map that is made for one token.
 */
export function isNamedAfter(scopeMap: string, token: string): boolean {
  return sameName(scopeMap, ownScopeMapName(token));
}

/** The description by which a scope map is recognised as one that Keyturn made for that token. */
export function ownScopeMapDescription(entrance: string, token: string): string {
  return `keyturn:${entrance}/${token}`;
}

/**
 * The secret's name when the request asks for none. Different tokens have different names: a registry's name
 * holds no two hyphens in a row and does not end with one, so the first `--` is where it ends.
 */
export function derivedSecretName(registry: string, token: string): string {
  return `acr-${registry}--${token}`.toLowerCase();
}
