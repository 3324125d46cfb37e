import type { Repositories } from '../contracts/access.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Slot } from './credential.ts';
import type { CutShort, SlotKnowledge } from './slots.ts';
import type { CutOff, Managed } from './state.ts';
import type { StepFailureCode } from './step-failures.ts';

/** One part of cutting a token off. */
export const cutOffParts = ['disabled', 'secretVersionOff', 'passwordsRegenerated'] as const;

export type CutOffPart = (typeof cutOffParts)[number];

/**
 * Everything that a lifecycle can do to the world: what each step is given, and what it answers when it worked.
 * Inputs and results are kept in the orchestration's history: they are JSON and hold no secret. Every step looks
 * first: what it finds done it does not do again, and says so by answering as if it had done it.
 */
export interface StepKinds {
  /** Brings a soft-deleted secret back. Its newest version is dead then, so it is always written over next. */
  recoverSecret: { input: { vault: string; secretName: string }; result: { recovered: boolean } };
  /** Makes the token's own scope map, or gives it these grants. Never touches one that is not its own. */
  ensureScopeMap: {
    input: { scopeMap: string; entrance: string; repositories: Repositories };
    result: { changed: boolean };
  };
  /** Makes the token, enabled, if it is absent; never replaces one. Reads back whether it is enabled. */
  createToken: { input: { scopeMap: string }; result: { created: boolean } };
  bindScopeMap: { input: { scopeMap: string }; result: { changed: boolean } };
  /** A token that is gone is disabled. Reads the status back: what is not as asked is `disabledByPolicy` or `enabledByOthers`. */
  setTokenStatus: { input: { enabled: boolean }; result: { changed: boolean } };
  /** The published version, on or off. A secret that is gone is off. */
  setSecretVersion: {
    input: { vault: string; secretName: string; enabled: boolean };
    result: { changed: boolean };
  };
  /** Generates, logs in until it is accepted, and publishes: once for each incarnation and generation. */
  issueCredential: {
    input: {
      incarnation: number;
      generation: number;
      expiresAt: Instant;
      /** Whether the password in the other slot may end before its overlap is over, if no slot is free. */
      mayCutShort: boolean;
      /** Into this slot, whatever it holds; missing: into one that is free. */
      slot?: Slot;
      managed: Managed;
      /** What the record knows of the slots, where the vault's tags say nothing. */
      believed: SlotKnowledge;
    };
    result: {
      slot: Slot;
      slotCreatedAt: Instant;
      publishedAt: Instant;
      expiresAt: Instant;
      secretVersion: string;
      verified: boolean;
      cutShort?: CutShort;
    };
  };
  /**
   * Ends a replaced password: regenerates its slot with a short expiry and throws the value away. Does nothing if the
   * slot no longer holds the password of that time; refuses (`slotIsPublished`) if it is the published one.
   */
  retireSlot: {
    input: { slot: Slot; slotCreatedAt: Instant };
    /** `createdAt`: of the password that took its place. */
    result: { slot: Slot; regenerated: boolean; createdAt?: Instant };
  };
  /**
   * Cuts the token off: disables it and reads back, switches the published version off, regenerates both passwords.
   * Takes the lease over; tries each missing part whatever becomes of the others, and says what is done by now.
   * Of a token or secret that is gone every part is done. If a part failed, the code says why the first of them did.
   */
  revoke: {
    input: { missing: readonly CutOffPart[]; vault: string; secretName: string };
    result: CutOff & { code?: StepFailureCode; retryAt?: Instant };
  };
  deleteToken: { input: object; result: { deleted: boolean } };
  /** Only if its description says that it is this token's own; another is left alone, and that is no failure. */
  deleteScopeMap: { input: { scopeMap: string; entrance: string }; result: { deleted: boolean } };
  /** Only if its tags are this token's; another is left alone, and that is no failure. */
  deleteSecret: { input: { vault: string; secretName: string }; result: { deleted: boolean } };
}

export type StepKind = keyof StepKinds;

/** One step of a plan. */
export type Step<Kind extends StepKind = StepKind> = {
  readonly [Each in Kind]: { readonly kind: Each; readonly input: Readonly<StepKinds[Each]['input']> };
}[Kind];

/** What the activity `step` is given. Of a plan that is no longer the record's it does nothing: `planSuperseded`. */
export interface StepRequest<Kind extends StepKind = StepKind> {
  readonly registry: string;
  readonly token: string;
  readonly plan: number;
  /** The orchestration's time when the step was planned: for decisions, not for leases and time-outs. */
  readonly plannedAt: Instant;
  readonly step: Step<Kind>;
}

export interface StepFailure<Kind extends StepKind = StepKind> {
  readonly kind: Kind;
  readonly ok: false;
  readonly code: StepFailureCode;
  /** When the service asked to come back, or when the lease ends. */
  readonly retryAt?: Instant;
}

export type StepSuccess<Kind extends StepKind = StepKind> = {
  readonly [Each in Kind]: { readonly kind: Each; readonly ok: true } & Readonly<StepKinds[Each]['result']>;
}[Kind];

export type StepResult<Kind extends StepKind = StepKind> = StepSuccess<Kind> | StepFailure<Kind>;

/** Whether a step ended the password of that slot. */
export function isRetired(results: readonly StepResult[], slot: Slot): boolean {
  return results.some((result) => result.kind === 'retireSlot' && result.ok && result.slot === slot);
}

/** The result of the step of that kind, if it was reached and worked. */
export function success<Kind extends StepKind>(
  results: readonly StepResult[],
  kind: Kind,
): StepSuccess<Kind> | undefined {
  return results.find(
    (result): result is StepResult & StepSuccess<Kind> => result.kind === kind && result.ok,
  );
}
