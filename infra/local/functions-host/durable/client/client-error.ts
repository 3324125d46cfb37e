/**
 * What the durable client refuses, as the .NET exception that it throws. The HTTP API answers 400 to an `ArgumentException`
 * and 500 to everything else.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly exceptionType: 'System.ArgumentException' | 'System.InvalidOperationException';

  constructor(exceptionType: ClientError['exceptionType'], message: string) {
    super(message);
    this.exceptionType = exceptionType;
  }
}

export function argumentError(message: string): ClientError {
  return new ClientError('System.ArgumentException', message);
}

export function invalidOperation(message: string): ClientError {
  return new ClientError('System.InvalidOperationException', message);
}
