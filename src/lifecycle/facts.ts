import type { WeeklyWindow } from '../calendar/weekly-window.ts';
import type { Duration } from '../contracts/durations.ts';
import type { TokenFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Slot } from './credential.ts';
import type { HealingPolicy } from './drift/healing.ts';
import type { Tags } from './secret-tags.ts';
import type { Access, Managed } from './state.ts';
import type { StepFailureCode } from './step-failures.ts';

/** Something that was looked up; or why it could not be, and when the service asked to come back. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: StepFailureCode; readonly retryAt?: Instant };

/** A password as the registry lists it: everything but its value. */
export interface SlotEntry {
  readonly slot: Slot;
  readonly createdAt: Instant;
  readonly expiresAt?: Instant;
}

/** A token as the registry has it. */
export interface RegistryToken {
  readonly enabled: boolean;
  readonly scopeMap: string;
  readonly passwords: readonly SlotEntry[];
}

/** A version of the vault secret: everything but its value. */
export interface SecretVersion {
  readonly version: string;
  readonly createdAt: Instant;
  readonly enabled: boolean;
  readonly expiresAt?: Instant;
  readonly tags: Tags;
}

/** The vault secret. `softDeleted`: deleted, and recoverable; then only its last version is known. */
export interface VaultSecret {
  readonly vault: string;
  readonly secretName: string;
  readonly secretUri: string;
  readonly standing: 'absent' | 'present' | 'softDeleted';
  readonly versions: readonly SecretVersion[];
}

/** What the policy says of one command. */
export type Judgement =
  | {
      readonly verdict: 'allowed';
      /** For `requested`: all that is asked for, with the policy's defaults filled in. */
      readonly managed?: Managed;
      /** For `access-changed`: the access that the token will have. */
      readonly access?: Access;
    }
  | { readonly verdict: 'denied'; readonly rule: string; readonly detail?: string }
  /** What it has to be judged by could not be read. */
  | { readonly verdict: 'unknown'; readonly code: StepFailureCode; readonly retryAt?: Instant };

/** What the configuration says about this token's entrance and vault. */
export interface Rules {
  /** The longest that the vault lets a secret be valid. */
  readonly longestValidity?: Duration;
  /** Whether the secret version is switched off together with the token. */
  readonly disableSecret: boolean;
  /** What is done about findings without a person. */
  readonly healing?: HealingPolicy;
  /** Whether binding another scope map also changes the password. */
  readonly rotateOnScopeMapChange: boolean;
  /** When rotations that nobody sent a message for may happen; missing or empty: at any time. */
  readonly rotationWindows?: readonly WeeklyWindow[];
}

/** Everything that `decide` looks at beside the token's own record. What was not asked for is left out. */
export interface Facts {
  readonly rules: Rules;
  /** Null: there is no such token. */
  readonly token?: Reading<RegistryToken | null>;
  readonly secret?: Reading<VaultSecret>;
  /** The actions of the scope map that the token is bound to; null: there is no such map. */
  readonly scopeMapActions?: Reading<readonly string[] | null>;
  /** Its description, by which Keyturn knows the maps that it made. */
  readonly scopeMapDescription?: string;
  /** What the policy does not allow of that; missing: nothing. */
  readonly outOfPolicy?: string;
  /** So many tokens of the registry show the finding that nothing is to be done about it. */
  readonly isMassDrift?: boolean;
  /** By the command's key. */
  readonly judgements: Readonly<Record<string, Judgement>>;
}

/** What has to be gathered for the next plan. */
export interface NeededFacts {
  /** The token in the registry and its secret in the vault. */
  readonly world: boolean;
  /** Also the content of the token's scope map: to take up a token whose record was lost, and to compare it. */
  readonly scopeMapActions: boolean;
  /** Keys of the commands that the policy has to judge. */
  readonly judgements: readonly string[];
  /** A finding that something is to be done about, if not too many tokens show it. */
  readonly healing?: TokenFinding;
}
