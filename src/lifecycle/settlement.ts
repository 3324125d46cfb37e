import type { EventContent, KeyturnEvent } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import type { WorkKind } from './plan.ts';
import type { Status, TokenState } from './state.ts';

/** How a command can end: a closed list, with what each means. */
export const outcomeMeanings = {
  done: 'it took effect, or what it asks for was so already',
  denied: 'it is not allowed; `code` is the rule that says so',
  superseded: 'what happened since it was sent (a newer command, a rotation, a deletion) made it pointless',
  deferred: 'it is taken over and done later, at `until`; `code` says what it waits for',
  failed: 'it cannot be done before a person has done what `detail` says; `code` says why',
} as const;

/** How a command ended. */
export interface CommandOutcome {
  readonly key: string;
  readonly status: keyof typeof outcomeMeanings;
  readonly at: Instant;
  /** Denied: the rule. Failed or deferred: why. */
  readonly code?: string;
  readonly detail?: string;
  /** Deferred: until when; missing if that is when the token is enabled. */
  readonly until?: Instant;
}

/** One line of a token's history. */
export interface HistoryEntry {
  readonly at: Instant;
  readonly plan: number;
  readonly work: WorkKind;
  readonly result: 'done' | 'failed';
  readonly code?: string;
  readonly command?: string;
  readonly incarnation: number;
  readonly generation: number;
  /** Of the token, after it; missing in what earlier releases wrote. */
  readonly status?: Status;
}

/** What a plan led to; written in one transaction. */
export interface Settlement {
  readonly state: TokenState;
  readonly events: readonly KeyturnEvent[];
  readonly outcomes: readonly CommandOutcome[];
  readonly history: readonly HistoryEntry[];
  /** The observation, as it was when it was looked at; what was added since is still to be looked at. */
  readonly observed?: string;
}

/** A settlement without what follows from its plan. */
export interface Draft {
  readonly state: TokenState;
  readonly events?: readonly EventContent[];
  readonly outcomes?: readonly CommandOutcome[];
  /** Nothing came of it that a history should keep. */
  readonly unremarkable?: boolean;
  /** The observation that was looked at. */
  readonly observed?: string;
  /** Why the work failed; missing if it did not. */
  readonly failed?: string;
}
