/** The JSON answers of the extension's HTTP API. */
export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

export function emptyAnswer(status: number): Response {
  return new Response(null, { status });
}

/** An error without an exception behind it. */
export function errorAnswer(status: number, message: string): Response {
  return jsonAnswer(status, { Message: message });
}

/** An error that tells of a .NET exception. */
export function exceptionAnswer(
  status: number,
  message: string,
  exceptionType: string,
  exception: string,
): Response {
  return jsonAnswer(status, {
    Message: message,
    ExceptionMessage: exception,
    ExceptionType: exceptionType,
    StackTrace: null,
  });
}
