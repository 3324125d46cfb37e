import type { Slot } from '../../../src/lifecycle/credential.ts';
import type { RegistryToken } from '../../../src/lifecycle/facts.ts';
import type { WriteLimits } from '../../../src/ports/call-limits.ts';
import type { LoginServer, LoginVerdict } from '../../../src/ports/login-server.ts';
import { ServiceFailure, type ServiceFailureCode } from '../../../src/ports/service-failure.ts';
import type {
  GeneratedPassword,
  NamedToken,
  RegistryFacts,
  ScopeMap,
  TokenRegistry,
} from '../../../src/ports/token-registry.ts';
import type { MemoryClock } from './memory-clock.ts';

interface Password {
  readonly value: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
}

export interface MemoryToken {
  enabled: boolean;
  scopeMap: string;
  readonly passwords: Map<Slot, Password>;
}

const slots: readonly Slot[] = ['password1', 'password2'];

/** A registry and its login server, in memory. Remembers every password that it ever made. */
export class MemoryRegistry implements TokenRegistry, LoginServer {
  readonly tokens = new Map<string, MemoryToken>();
  readonly scopeMaps = new Map<string, ScopeMap>();
  readonly everIssued: string[] = [];
  /** What was changed, in its order. */
  readonly writes: string[] = [];
  /** An Azure Policy that lets nobody have an enabled token (`disabled`), or a disabled one. */
  policy: 'disabled' | 'enabled' | undefined;
  /** What the registry says of itself; undefined: it was deleted. */
  facts: RegistryFacts | undefined = {
    loginServer: 'contoso.azurecr.io',
    createdAt: '2026-01-01T00:00:00.000Z',
    sku: 'Premium',
    adminUserEnabled: false,
    anonymousPullEnabled: false,
    publicNetworkAccess: true,
    allowedByDefault: true,
  };
  /** Overrides what the login server says, one try after the other; then it tells the truth. */
  readonly verdicts: LoginVerdict[] = [];
  readonly #clock: MemoryClock;

  constructor(clock: MemoryClock) {
    this.#clock = clock;
  }

  async readRegistry(): Promise<RegistryFacts> {
    if (!this.facts) throw this.#failure('readRegistry', 'notFound');
    return this.facts;
  }

  async readToken(token: string): Promise<RegistryToken | null> {
    const found = this.tokens.get(token);
    if (!found) return null;
    return {
      enabled: found.enabled,
      scopeMap: found.scopeMap,
      passwords: [...found.passwords].map(([slot, { createdAt, expiresAt }]) => ({
        slot,
        createdAt,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      })),
    };
  }

  async createToken(token: string, scopeMap: string, limits: WriteLimits = {}) {
    if (this.tokens.has(token)) return { created: false, token: await this.readToken(token) };
    this.#write('createToken', limits);
    this.tokens.set(token, { enabled: this.policy !== 'disabled', scopeMap, passwords: new Map() });
    return { created: true, token: await this.readToken(token) };
  }

  async setTokenStatus(token: string, enabled: boolean, limits: WriteLimits = {}) {
    const found = this.tokens.get(token);
    if (!found) return null;
    this.#write('setTokenStatus', limits);
    found.enabled = this.policy === undefined ? enabled : this.policy === 'enabled';
    return this.readToken(token);
  }

  async bindScopeMap(token: string, scopeMap: string, limits: WriteLimits = {}) {
    const found = this.tokens.get(token);
    if (!found) return null;
    this.#write('bindScopeMap', limits);
    found.scopeMap = scopeMap;
    return this.readToken(token);
  }

  async deleteToken(token: string, limits: WriteLimits = {}): Promise<boolean> {
    if (!this.tokens.has(token)) return false;
    this.#write('deleteToken', limits);
    return this.tokens.delete(token);
  }

  async generatePassword(
    token: string,
    slot: Slot,
    expiresAt: string,
    limits: WriteLimits = {},
  ): Promise<GeneratedPassword> {
    const found = this.tokens.get(token);
    if (!found) throw this.#failure('generatePassword', 'notFound');
    this.#write(`generatePassword ${slot}`, limits);
    const { value, createdAt } = this.regenerate(token, slot, expiresAt);
    return { slot, value, createdAt, expiresAt };
  }

  /** What anybody with the right to can do. */
  regenerate(token: string, slot: Slot, expiresAt?: string): Password {
    this.#clock.time += 7;
    const value = `Pa$$+${this.everIssued.length}/aZ09ÄxQ${'k'.repeat(30)}==`;
    const until = expiresAt === undefined ? {} : { expiresAt };
    const password = { value, createdAt: this.#clock.instant(), ...until };
    this.everIssued.push(value);
    this.tokens.get(token)?.passwords.set(slot, password);
    return password;
  }

  async replaceBothPasswords(token: string, limits: WriteLimits = {}): Promise<boolean> {
    if (!this.tokens.has(token)) return false;
    this.#write('replaceBothPasswords', limits);
    for (const slot of slots) this.regenerate(token, slot);
    return true;
  }

  async readScopeMap(scopeMap: string): Promise<ScopeMap | null> {
    return this.scopeMaps.get(scopeMap) ?? null;
  }

  async createScopeMap(
    name: string,
    content: Pick<ScopeMap, 'description' | 'actions'>,
    limits: WriteLimits = {},
  ) {
    const existing = this.scopeMaps.get(name);
    if (existing) return { created: false, scopeMap: existing };
    this.#write('createScopeMap', limits);
    const scopeMap = { name, system: false, ...content };
    this.scopeMaps.set(name, scopeMap);
    return { created: true, scopeMap };
  }

  async setScopeMapActions(name: string, actions: readonly string[], limits: WriteLimits = {}) {
    const existing = this.scopeMaps.get(name);
    if (!existing) return null;
    this.#write('setScopeMapActions', limits);
    const scopeMap = { ...existing, actions };
    this.scopeMaps.set(name, scopeMap);
    return scopeMap;
  }

  async deleteScopeMap(name: string, limits: WriteLimits = {}): Promise<boolean> {
    if (!this.scopeMaps.has(name)) return false;
    this.#write('deleteScopeMap', limits);
    return this.scopeMaps.delete(name);
  }

  async *listTokens(): AsyncGenerator<NamedToken> {
    for (const name of this.tokens.keys()) {
      const token = await this.readToken(name);
      if (token) yield { name, ...token };
    }
  }

  async *listScopeMaps(): AsyncGenerator<ScopeMap> {
    yield* this.scopeMaps.values();
  }

  async tryLogin(username: string, password: string): Promise<LoginVerdict> {
    const told = this.verdicts.shift();
    return told ?? { verdict: this.logsIn(username, password) ? 'accepted' : 'refused' };
  }

  logsIn(username: string, value: string): boolean {
    const token = this.tokens.get(username);
    if (!token?.enabled) return false;
    return [...token.passwords.values()].some(
      (password) => password.value === value && (password.expiresAt ?? '9') > this.#clock.instant(),
    );
  }

  #write(what: string, { notAfter }: WriteLimits): void {
    if (notAfter !== undefined && this.#clock.instant() > notAfter)
      throw this.#failure(what.split(' ')[0] ?? what, 'tooLate');
    this.writes.push(what);
  }

  #failure(operation: string, code: ServiceFailureCode): ServiceFailure {
    return new ServiceFailure({ service: 'registry', operation, code });
  }
}
