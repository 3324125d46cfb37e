import type { StepFailureCode } from '../lifecycle/step-failures.ts';
import type { ServiceFailure, ServiceFailureCode } from '../ports/service-failure.ts';

/** What a failure of a service means for a lifecycle. */
const meanings: Readonly<Record<ServiceFailureCode, StepFailureCode>> = {
  throttled: 'throttled',
  unavailable: 'unavailable',
  damagedAnswer: 'unavailable',
  accessDenied: 'accessDenied',
  noIdentity: 'unavailable',
  notFound: 'unexpected',
  alreadyExists: 'conflict',
  conflict: 'conflict',
  beingDeleted: 'conflict',
  beingRecovered: 'conflict',
  deletedButRecoverable: 'conflict',
  conditionNotMet: 'conflict',
  limitReached: 'limitReached',
  tooLarge: 'refused',
  usernameMismatch: 'usernameMismatch',
  operationFailed: 'unavailable',
  refused: 'refused',
  tooLate: 'leaseLost',
  cancelled: 'unavailable',
  unexpected: 'unexpected',
};

/** Only of these does "not found" say what is missing: a password was asked for, and its token is gone. */
const aboutToken: ReadonlySet<string> = new Set(['generatePassword', 'replaceBothPasswords']);

export function stepFailureCode({
  code,
  operation,
}: Pick<ServiceFailure, 'code' | 'operation'>): StepFailureCode {
  return code === 'notFound' && aboutToken.has(operation) ? 'tokenMissing' : meanings[code];
}
