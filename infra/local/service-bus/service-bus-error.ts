import type { AmqpErrorFields } from './amqp/rhea.ts';

/** A refusal as the service words it: an AMQP error condition, and the status that a management answer gives it. */
export class ServiceBusError extends Error implements AmqpErrorFields {
  override readonly name = 'ServiceBusError';
  readonly condition: string;
  readonly status: number;

  constructor(condition: string, status: number, description: string) {
    super(description);
    this.condition = condition;
    this.status = status;
  }

  get description(): string {
    return this.message;
  }
}

/** The clients recognise a missing entity by this wording, not by the condition alone. */
export function entityNotFound(address: string): ServiceBusError {
  return new ServiceBusError('amqp:not-found', 404, `The messaging entity '${address}' could not be found.`);
}

export function messageNotFound(description: string): ServiceBusError {
  return new ServiceBusError('com.microsoft:message-not-found', 404, description);
}

export function messageLockLost(): ServiceBusError {
  return new ServiceBusError(
    'com.microsoft:message-lock-lost',
    410,
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  );
}

export function messageSizeExceeded(size: number, limit: number): ServiceBusError {
  return new ServiceBusError(
    'amqp:link:message-size-exceeded',
    400,
    `The received message (size: at least ${size} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
  );
}

export function notAllowed(description: string): ServiceBusError {
  return new ServiceBusError('amqp:not-allowed', 400, description);
}

/** For what the service can do and the local one refuses. */
export function notImplemented(what: string): ServiceBusError {
  return new ServiceBusError(
    'amqp:not-implemented',
    501,
    `${what} not implemented by the local Service Bus.`,
  );
}

export function argumentError(description: string): ServiceBusError {
  return new ServiceBusError('com.microsoft:argument-error', 400, description);
}

export function decodeError(description: string): ServiceBusError {
  return new ServiceBusError('amqp:decode-error', 400, description);
}

export function framingError(description: string): ServiceBusError {
  return new ServiceBusError('amqp:connection:framing-error', 400, description);
}

export function unauthorizedAccess(description: string): ServiceBusError {
  return new ServiceBusError('amqp:unauthorized-access', 401, description);
}

/** @param expiresAt milliseconds since 1970 */
export function expiredToken(expiresAt: number): ServiceBusError {
  const expiry = new Date(expiresAt).toISOString();
  return new ServiceBusError(
    'com.microsoft:auth-failed',
    401,
    `ExpiredToken: The token is expired. Expiration time: '${expiry}'.`,
  );
}

/** Ends a link whose client has not shown a new token in time. */
export function tokenNotRenewed(linkName: string, right: 'Send' | 'Listen'): ServiceBusError {
  return new ServiceBusError(
    'amqp:link:detach-forced',
    401,
    `The link '${linkName}' is force detached. Code: RenewToken. Details: Unauthorized access. '${right}' claim(s) are required to perform this operation.`,
  );
}

export function serverBusy(retryAfterSeconds: number | undefined): ServiceBusError {
  const wait =
    retryAfterSeconds === undefined ? '' : ` Please wait ${retryAfterSeconds} seconds and try again.`;
  return new ServiceBusError(
    'com.microsoft:server-busy',
    503,
    `The request was terminated because the namespace is being throttled.${wait}`,
  );
}

export function internalError(description: string): ServiceBusError {
  return new ServiceBusError('amqp:internal-error', 500, description);
}
