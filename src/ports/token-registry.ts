import type { Instant } from '../contracts/instants.ts';
import type { Slot } from '../lifecycle/credential.ts';
import type { RegistryToken, SlotEntry } from '../lifecycle/facts.ts';
import type { CallLimits, WriteLimits } from './call-limits.ts';

/** A token with its name, as lists have it. */
export interface NamedToken extends RegistryToken {
  readonly name: string;
}

export interface ScopeMap {
  readonly name: string;
  readonly description: string;
  readonly actions: readonly string[];
  /** Made by the registry itself; never changed or removed. */
  readonly system: boolean;
}

/** A password that was just made. Its value is nowhere else and cannot be read again. */
export interface GeneratedPassword extends SlotEntry {
  readonly value: string;
}

/** What the registry says of itself that drift is looked for in. */
export interface RegistryFacts {
  readonly loginServer: string;
  /** Of the registry of this name that is there now: another one than that of before has another date. */
  readonly createdAt: Instant;
  /** The tier: `Premium`. */
  readonly sku: string;
  readonly adminUserEnabled: boolean;
  readonly anonymousPullEnabled: boolean;
  /** Whether it answers to public networks at all; and to addresses that no rule names. */
  readonly publicNetworkAccess: boolean;
  readonly allowedByDefault: boolean;
}

/**
 * The control plane of one registry. Names are compared as Azure does, without regard to case. Whatever changes
 * something reads it back and answers what is there then: an Azure Policy may have rewritten it.
 *
 * @throws ServiceFailure from every method
 */
export interface TokenRegistry {
  readRegistry(limits?: CallLimits): Promise<RegistryFacts>;
  /** Null: there is no such token. */
  readToken(token: string, limits?: CallLimits): Promise<RegistryToken | null>;
  /**
   * Makes an enabled token if there is none; one that exists is left as it is, since to put it again would wipe its
   * passwords.
   */
  createToken(
    token: string,
    scopeMap: string,
    limits?: WriteLimits,
  ): Promise<{ readonly created: boolean; readonly token: RegistryToken | null }>;
  /** Null: there is no such token. */
  setTokenStatus(token: string, enabled: boolean, limits?: WriteLimits): Promise<RegistryToken | null>;
  /** Null: there is no such token. */
  bindScopeMap(token: string, scopeMap: string, limits?: WriteLimits): Promise<RegistryToken | null>;
  /** Resolves when it is gone. False: there was none. */
  deleteToken(token: string, limits?: WriteLimits): Promise<boolean>;
  /** Makes a new password in one slot; the other one is left alone. Asked once, never repeated. */
  generatePassword(
    token: string,
    slot: Slot,
    expiresAt: Instant,
    limits?: WriteLimits,
  ): Promise<GeneratedPassword>;
  /** Only to revoke: replaces both passwords and throws the new ones away. False: there is no such token. */
  replaceBothPasswords(token: string, limits?: WriteLimits): Promise<boolean>;
  readScopeMap(scopeMap: string, limits?: CallLimits): Promise<ScopeMap | null>;
  /** Makes a scope map if there is none; one that exists is left as it is. */
  createScopeMap(
    scopeMap: string,
    content: Pick<ScopeMap, 'description' | 'actions'>,
    limits?: WriteLimits,
  ): Promise<{ readonly created: boolean; readonly scopeMap: ScopeMap | null }>;
  /** Null: there is no such scope map. */
  setScopeMapActions(
    scopeMap: string,
    actions: readonly string[],
    limits?: WriteLimits,
  ): Promise<ScopeMap | null>;
  /** Resolves when it is gone. False: there was none. */
  deleteScopeMap(scopeMap: string, limits?: WriteLimits): Promise<boolean>;
  /** Page by page as it is read. */
  listTokens(limits?: CallLimits): AsyncIterable<NamedToken>;
  listScopeMaps(limits?: CallLimits): AsyncIterable<ScopeMap>;
}
