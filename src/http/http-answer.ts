/** What an HTTP caller asks, without what is not needed to answer it. */
export interface HttpQuestion {
  /** Values of the route's placeholders, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Iterable<readonly [name: string, value: string]>;
  /** The value of a header, whatever the case of its name. */
  header(name: string): string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** To be sent as JSON. */
  readonly body: object;
}

/** An answer that changes with every plan, and is for its caller alone. */
export function answerOf(status: number, body: object, contentType = 'application/json'): HttpAnswer {
  return { status, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body };
}
