import type { Instant } from '../contracts/instants.ts';

/** Why a service did not do what it was asked: a closed list, with what each means. */
export const serviceFailureCodes = {
  throttled: 'asked too often; nothing was done',
  unavailable: 'no answer, or out of order; what was asked may have happened all the same',
  damagedAnswer: 'the answer cannot be read; what was asked has probably happened',
  accessDenied: 'the identity may not do this',
  noIdentity: 'no access token could be got for the identity',
  notFound: 'what was asked about does not exist',
  alreadyExists: 'what was to be made exists',
  conflict: 'another change of the same thing is under way',
  beingDeleted: 'the secret is being deleted; its name is taken until that is done',
  beingRecovered: 'the secret is being recovered; it can be written when that is done',
  deletedButRecoverable: 'the name belongs to a deleted secret, which has to be recovered first',
  conditionNotMet: 'somebody else changed it in the meantime; nothing was done',
  limitReached: 'a limit of the service is reached',
  tooLarge: 'more than the service takes',
  usernameMismatch: 'the answer was about another user; its passwords were thrown away',
  operationFailed: 'the service accepted the request, and then failed to carry it out',
  refused: 'the service refuses the request for good',
  tooLate: 'the moment before which it had to be sent was over; nothing was sent',
  cancelled: 'the caller ended it; what was asked may have happened all the same',
  unexpected: 'a defect, or something that nobody thought of',
} as const;

export type ServiceFailureCode = keyof typeof serviceFailureCodes;

export type ServiceName =
  | 'registry'
  | 'loginServer'
  | 'vault'
  | 'records'
  | 'archive'
  | 'serviceBus'
  | 'identity'
  | 'orchestrations';

export interface ServiceFailureDetails {
  readonly service: ServiceName;
  /** The port's method. */
  readonly operation: string;
  /** HTTP status, if there was an answer. */
  readonly status?: number | undefined;
  readonly code: ServiceFailureCode;
  /** When the service asked to come back, by the adapters' clock. */
  readonly retryAt?: Instant | undefined;
}

/**
 * All that crosses an adapter when a call fails. It is made of fixed words and numbers only: a client's own error may
 * hold a password in its message, its stack or any of its fields.
 */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure';
  readonly service: ServiceName;
  readonly operation: string;
  readonly status: number | undefined;
  readonly code: ServiceFailureCode;
  readonly retryAt: Instant | undefined;

  constructor({ service, operation, status, code, retryAt }: ServiceFailureDetails) {
    super(`${service} ${operation}: ${code}${status === undefined ? '' : ` (${status})`}`);
    this.service = service;
    this.operation = operation;
    this.status = status;
    this.code = code;
    this.retryAt = retryAt;
  }
}

/** Whether something is a failure, with one of these codes if any are given. */
export function isFailure(error: unknown, ...codes: readonly ServiceFailureCode[]): error is ServiceFailure {
  return error instanceof ServiceFailure && (codes.length === 0 || codes.includes(error.code));
}
