/**
 * What becomes of work that failed:
 * `retry`: tried again with back-off; `again`: planned anew soon, since something else came between, which is no
 * failure; `person`: parked, since it cannot succeed before a person has done what `toDo` says.
 */
export type Remedy =
  | { readonly remedy: 'retry' | 'again' }
  | { readonly remedy: 'person'; readonly toDo: string };

const retry = { remedy: 'retry' } as const;
const again = { remedy: 'again' } as const;
const person = (toDo: string) => ({ remedy: 'person', toDo }) as const;

/** Why a step or a look-up did not work: a closed list, the same in results, events, history and alerts. */
export const stepFailures = {
  /** The service asked to come back later. */
  throttled: retry,
  /** It did not answer, or answered that it is out of order; what was asked may have happened all the same. */
  unavailable: retry,
  /** Roles take minutes to reach every node, so this is tried for long before a person is called. */
  accessDenied: retry,
  /** Another change of the same resource is under way. */
  conflict: retry,
  /** The registry never accepted the new password; the old one is still published. */
  neverAccepted: retry,
  /** Whether the registry accepts the new password could not be found out; the old one is still published. */
  acceptanceUnknown: retry,
  /** Another release made this plan. */
  unknownStep: retry,
  /** A defect, or something that nobody thought of. */
  unexpected: retry,
  /** An attempt of the same step still runs, or ran until recently. */
  leaseTaken: again,
  leaseLost: again,
  revocationPending: again,
  /** Every slot holds a password that was promised to work for longer. */
  noSlotFree: again,
  /** The rotation id was published before, and that password is dead: the next generation is due. */
  publicationDead: again,
  /** The record has a newer plan; the results of this one mean nothing. */
  planSuperseded: again,
  disabledByPolicy: person(
    'The token does not stay enabled. Most likely an Azure Policy disables it: exempt the registry, then send keyturn.token.enable-requested.',
  ),
  enabledByOthers: person(
    'The token does not stay disabled. Find out who or what enables it, stop that, then send keyturn.token.disable-requested again.',
  ),
  disabledOutOfBand: person(
    'The token was disabled outside Keyturn. Find out by whom; then send keyturn.token.enable-requested, or keyturn.token.disable-requested to keep it so.',
  ),
  tokenMissing: person(
    'The token is gone from the registry. Find out who deleted it, then send keyturn.token.requested to make it again.',
  ),
  tokenNotOurs: person(
    'A token of that name exists that Keyturn did not make. Delete it or choose another name, then request again.',
  ),
  scopeMapMissing: person('The scope map does not exist. Create it or name another, then request again.'),
  scopeMapNotOurs: person(
    "A scope map with the name of the token's own map exists that Keyturn did not make. Delete it, then request again.",
  ),
  secretNotOurs: person(
    "The secret's name is taken by something else. Delete that secret or ask for another name, then request again.",
  ),
  slotIsPublished: person('The password to be ended is the published one. Report this as a defect.'),
  usernameMismatch: person(
    'The registry answered with a password of another user. Nothing was stored. Check for a wrong client or proxy, rotate the admin credentials, then request again.',
  ),
  limitReached: person(
    "The registry's limit of tokens or scope maps is reached. Delete some, then request again.",
  ),
  refused: person(
    "The service refuses the request for good. Look into the request and the registry's settings.",
  ),
} as const satisfies Readonly<Record<string, Remedy>>;

export type StepFailureCode = keyof typeof stepFailures;

/** What to do about a failure; of a code that only another release knows, try again. */
export function remedyOf(code: string): Remedy {
  return isKnown(code) ? stepFailures[code] : retry;
}

function isKnown(code: string): code is StepFailureCode {
  return Object.hasOwn(stepFailures, code);
}
