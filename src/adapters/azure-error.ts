import type { Instant } from '../contracts/instants.ts';
import type { Clock } from '../ports/clock.ts';
import { ServiceFailure, type ServiceFailureCode, type ServiceName } from '../ports/service-failure.ts';
import { codesOf, headerOf, messageBeginning, nameOf, statusOf } from './error-fields.ts';

type Codes = Readonly<Record<string, ServiceFailureCode>>;

/** What the services' own codes mean, where the status alone does not say it. Compared exactly. */
const meanings: Codes = {
  ObjectIsBeingDeleted: 'beingDeleted',
  ObjectIsBeingRecovered: 'beingRecovered',
  ObjectIsDeletedButRecoverable: 'deletedButRecoverable',
  EntityAlreadyExists: 'alreadyExists',
  TableAlreadyExists: 'alreadyExists',
  TableBeingDeleted: 'unavailable',
  ServerBusy: 'throttled',
  QuotaExceeded: 'limitReached',
  EntityTooLarge: 'tooLarge',
  PropertyValueTooLarge: 'tooLarge',
  RequestBodyTooLarge: 'tooLarge',
  PARSE_ERROR: 'damagedAnswer',
  // Service Bus
  MessagingEntityNotFound: 'notFound',
  MessagingEntityDisabled: 'refused',
  UnauthorizedAccess: 'accessDenied',
  ServiceBusy: 'throttled',
  MessageSizeExceeded: 'tooLarge',
  ServiceTimeout: 'unavailable',
  ServiceCommunicationProblem: 'unavailable',
  GeneralError: 'unavailable',
};

const statusMeanings: Readonly<Record<number, ServiceFailureCode>> = {
  401: 'accessDenied',
  403: 'accessDenied',
  404: 'notFound',
  408: 'unavailable',
  409: 'conflict',
  412: 'conditionNotMet',
  413: 'tooLarge',
  429: 'throttled',
};

/** What is known of an answer whose status the client does not tell, as in the vault's lists. */
const meaningsWithoutStatus: Codes = {
  Unauthorized: 'accessDenied',
  Forbidden: 'accessDenied',
  SecretNotFound: 'notFound',
  Conflict: 'conflict',
  BadParameter: 'refused',
  Throttled: 'throttled',
  TooManyRequests: 'throttled',
  InternalError: 'unavailable',
  InternalServerError: 'unavailable',
  ServiceUnavailable: 'unavailable',
};

const identityErrors: ReadonlySet<string> = new Set([
  'CredentialUnavailableError',
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
]);

/** How Node and the clients call a connection that could not be made or broke, names that do not resolve, and TLS. */
const connectionCode =
  /^(E[A-Z_]{3,20}|REQUEST_SEND_ERROR|UND_ERR_[A-Z_]+|ERR_TLS_[A-Z_]+|ERR_SSL_[A-Z_]+|CERT_[A-Z_]+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_[A-Z_]+|HPE_[A-Z_]+)$/;

const failedOperation = 'The long-running operation has failed. ';
/** The peer closed the connection before it was open. */
const closedWhileConnecting = 'Failed to connect';
const longestWait = 24 * 3_600_000;

/** Reads no more of a client's error than fixed words and numbers. Never throws, whatever it is given. */
export function azureError(
  service: ServiceName,
  operation: string,
  error: unknown,
  clock: Clock,
): ServiceFailure {
  if (error instanceof ServiceFailure) return error;
  const status = statusOf(error);
  const identity = identityErrors.has(nameOf(error));
  const code = identity ? 'noIdentity' : codeOf(error, status);
  const mayWait = code === 'throttled' || code === 'unavailable';
  return new ServiceFailure({
    service: identity ? 'identity' : service,
    operation,
    status,
    code,
    retryAt: mayWait ? retryAtOf(error, clock) : undefined,
  });
}

function codeOf(error: unknown, status: number | undefined): ServiceFailureCode {
  const codes = codesOf(error);
  const known = codes.find((code) => Object.hasOwn(meanings, code));
  if (known !== undefined) return meanings[known] ?? 'unexpected';
  if (status !== undefined) return codeOfStatus(status);
  const told = codes.find((code) => Object.hasOwn(meaningsWithoutStatus, code));
  if (told !== undefined) return meaningsWithoutStatus[told] ?? 'unexpected';
  if (codes.some((code) => connectionCode.test(code))) return 'unavailable';
  return codeOfPlainError(error);
}

/** An error with the status of success is about the answer's body. */
export function codeOfStatus(status: number): ServiceFailureCode {
  if (status >= 200 && status < 300) return 'damagedAnswer';
  if (status >= 500) return 'unavailable';
  return statusMeanings[status] ?? 'refused';
}

/** Some failures are told by their text only: by the poller of long-running operations, and by the AMQP client. */
function codeOfPlainError(error: unknown): ServiceFailureCode {
  const beginning = messageBeginning(error, 120);
  if (beginning === closedWhileConnecting) return 'unavailable';
  if (beginning.startsWith(failedOperation)) {
    const word = beginning.slice(failedOperation.length).split('.')[0] ?? '';
    return word === 'QuotaExceeded' ? 'limitReached' : 'operationFailed';
  }
  const name = nameOf(error);
  if (name === 'SyntaxError') return 'damagedAnswer';
  return name === 'AbortError' || name === 'TimeoutError' ? 'unavailable' : 'unexpected';
}

function retryAtOf(error: unknown, clock: Clock): Instant | undefined {
  return retryAt(headerOf(error, 'retry-after'), clock);
}

/** When a `Retry-After` header says to come back: in seconds, or a date. At most a day from now. */
export function retryAt(header: string | undefined, clock: Clock): Instant | undefined {
  if (header === undefined) return undefined;
  const now = clock.now().getTime();
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  if (Number.isNaN(wait)) return undefined;
  return new Date(now + Math.min(Math.max(wait, 0), longestWait)).toISOString();
}
