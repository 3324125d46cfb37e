import type { TokenFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import type { CommandReference } from './command-order.ts';
import type { Slot } from './credential.ts';
import type { HealingAction } from './drift/healing.ts';
import type { OpenFindings } from './drift/open-finding.ts';
import type { Managed, StateOf } from './state.ts';
import type { StepFailureCode } from './step-failures.ts';
import type { Step } from './steps.ts';

/** What replaces a password, and what becomes of the one before. */
export interface Reissue {
  readonly incarnation: number;
  readonly generation: number;
  /** Whether the password in the other slot may end before its overlap is over, if no slot is free. */
  readonly mayCutShort: boolean;
  /** How long the replaced password works on; the token's overlap if left out. */
  readonly previousValidFor?: string;
  /** For so many milliseconds it may have been made to last longer, since its rotation might have to wait for a window. */
  readonly longestWait?: number;
}

/** What a plan is for. It travels through history to `settle`, which may run in a later release. */
export type Work =
  /** Whether a record was lost could not be found out. */
  | { readonly kind: 'readLostRecord' }
  /** The record was lost, and the vault's tags tell what it said. */
  | { readonly kind: 'recover'; readonly recovered: StateOf<'active' | 'disabled' | 'revoked'> }
  | {
      readonly kind: 'deny';
      readonly command: CommandReference;
      readonly rule: string;
      readonly detail?: string;
      /** Sent about a name that holds no token: what was sent before it and arrives after it must not make one. */
      readonly marksExistence?: boolean;
    }
  /** Newer commands have settled everything that these asked for. */
  | { readonly kind: 'supersede'; readonly commands: readonly CommandReference[] }
  /** Whether it is allowed could not be found out. */
  | { readonly kind: 'judge'; readonly command: CommandReference }
  /** What is asked for is so already. */
  | { readonly kind: 'acknowledge'; readonly command: CommandReference }
  | {
      readonly kind: 'deferRotation';
      readonly command: CommandReference;
      readonly compromised: boolean;
      readonly previousValidFor?: string;
      readonly cause: Deferral;
      /** Missing: until the token is enabled. */
      readonly until?: Instant;
    }
  | { readonly kind: 'provision'; readonly command: CommandReference; readonly reissue: Reissue }
  /** A token that others made is taken under management. */
  | { readonly kind: 'adopt'; readonly command: CommandReference; readonly reissue: Reissue }
  /** A token half made, or half adopted, whose request is no longer allowed. */
  | {
      readonly kind: 'abandon';
      readonly command: CommandReference;
      readonly rule: string;
      readonly detail?: string;
    }
  | {
      readonly kind: 'converge';
      readonly command: CommandReference;
      readonly managed: Managed;
      readonly changed: readonly Change[];
      readonly reissue?: Reissue;
      /** A new password is due with the new scope map, but no slot is free before then. */
      readonly rotateAt?: Instant;
    }
  | {
      readonly kind: 'rotate';
      /** Missing: on schedule, or put off before. */
      readonly command?: CommandReference;
      readonly cause: 'schedule' | 'request' | 'compromised';
      readonly reissue: Reissue;
    }
  /** End a replaced password before its own expiry. */
  | { readonly kind: 'retire'; readonly slot: Slot }
  | { readonly kind: 'expire' }
  | { readonly kind: 'warn'; readonly about: 'endOfLife' | 'overdue' | 'ranOut'; readonly deadline: Instant }
  /** Tell that the next rotation goes ahead outside of the policy's windows, which open too late. */
  | {
      readonly kind: 'ignoreWindow';
      readonly due: Instant;
      readonly opensAt: Instant;
      readonly deadline: Instant;
    }
  | { readonly kind: 'disable'; readonly command: CommandReference }
  | { readonly kind: 'enable'; readonly command: CommandReference; readonly reissue?: Reissue }
  | { readonly kind: 'delete'; readonly command: CommandReference }
  | { readonly kind: 'revoke'; readonly command: CommandReference }
  /** A look at the token: what is wrong with it now, as far as that can be seen. */
  | {
      readonly kind: 'observe';
      readonly findings: OpenFindings;
      /** Passwords in slots that are not on record, and that may be our own. */
      readonly accounted: Readonly<Partial<Record<Slot, Instant>>>;
      /** The observation that it answers. */
      readonly seen?: string;
      /** The finding that nothing is done about, since too many tokens show it. */
      readonly massDrift?: TokenFinding;
    }
  | {
      readonly kind: 'heal';
      readonly finding: TokenFinding;
      readonly action: HealingAction;
      readonly reissue?: Reissue;
      /** Slots whose passwords on record are gone from the registry. */
      readonly lost?: readonly Slot[];
    }
  | { readonly kind: 'reinstate'; readonly command: CommandReference; readonly reissue: Reissue };

/** Why a rotation that was asked for waits: a closed list, with what each means. */
export const deferrals = {
  noSlotFree:
    'both passwords were promised to work for longer; it goes ahead when the first of these promises ends',
  tokenDisabled: 'the token is disabled; it goes ahead when it is enabled',
  windowClosed:
    "the token's turn in the policy's rotation windows has not come; what a rotation schedule asks for goes ahead when it does",
} as const;

export type Deferral = keyof typeof deferrals;

export type WorkKind = Work['kind'];
export type WorkOf<Kind extends WorkKind> = Extract<Work, { kind: Kind }>;

export type Change = 'access' | 'schedule' | 'endOfLife' | 'purpose';

/** Something that was to be looked up could not be, or shows that there is no use in trying. */
export interface Blocked {
  readonly code: StepFailureCode;
  readonly retryAt?: Instant;
}

/** What a lifecycle does next: nothing until it is woken, or some steps, and then to settle. */
export type Plan =
  | { readonly kind: 'wait' /** Missing: until a command comes. */; readonly wakeAt?: Instant }
  | WorkPlan;

export interface WorkPlan {
  readonly kind: 'work';
  readonly number: number;
  readonly plannedAt: Instant;
  readonly work: Work;
  /** In this order; the first that fails ends the plan. Without any, there is only something to write down. */
  readonly steps: readonly Step[];
  readonly blocked?: Blocked;
}

/** What failures of some work are kept under: the command that asked for it, or its kind. */
export function workKey(work: Work): string {
  return work.kind !== 'revoke' && 'command' in work && work.command ? work.command.key : work.kind;
}
