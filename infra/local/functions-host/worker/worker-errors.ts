/** An error of the platform's own, which the library tells from the app's by this property. */
export class SystemError extends Error {
  readonly isAzureFunctionsSystemError = true;
}

/** What `registerHook` throws for a name that it does not know; the library recognises an older host by it. */
export class UnknownHookError extends RangeError {
  readonly isAzureFunctionsSystemError = true;
}

/** Makes an Error of whatever was thrown, as the worker does. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (thrown === undefined || thrown === null) return new Error('Unknown error');
  if (typeof thrown === 'string') return new Error(thrown);
  return new Error(typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown));
}

/** Message and stack as they can be sent to the host, whatever the app made of them. */
export function describeError(thrown: unknown): { message: string; stack: string | undefined } {
  const error = toError(thrown);
  return {
    message: String(error.message),
    stack: typeof error.stack === 'string' ? error.stack : undefined,
  };
}
