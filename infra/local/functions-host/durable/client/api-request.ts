/** A request to the HTTP API, taken apart. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** What follows the API's base path, decoded: for example `['instances', 'abc', 'terminate']`. */
  readonly segments: readonly string[];
  readonly headers: Headers;
  /** One value of the query. */
  readonly query: (name: string) => string | undefined;
  readonly body: () => Promise<string>;
}

/** Takes a request under `base` apart; undefined when its path is not well encoded. */
export function apiRequest(request: Request, base: string): ApiRequest | undefined {
  const url = new URL(request.url);
  const path = url.pathname
    .slice(base.length)
    .split('/')
    .filter((segment) => segment !== '');
  try {
    return {
      method: request.method,
      url,
      segments: path.map(decodeURIComponent),
      headers: request.headers,
      query: (name) => url.searchParams.get(name) ?? undefined,
      body: () => request.text(),
    };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
