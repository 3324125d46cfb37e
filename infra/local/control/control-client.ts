import type { Fault } from './faults.ts';
import type { PartName } from './parts.ts';
import type { RequestRecord } from './request-history.ts';

/** Steers a running local cloud. Every method throws an `Error` with the API's own words when it is refused. */
export class ControlClient {
  readonly #url: string;

  /** @param url where the control API listens, for example `http://127.0.0.1:4000` */
  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  async now(): Promise<Date> {
    const { now } = await this.#call<{ now: string }>('GET', '/clock');
    return new Date(now);
  }

  /**
   * Moves the cloud's clock forward by an ISO 8601 duration such as `P30D`, through all that is due on the way, and
   * returns the time after.
   */
  async advance(duration: string): Promise<Date> {
    const { now } = await this.#call<{ now: string }>('POST', '/clock/advance', { by: duration });
    return new Date(now);
  }

  /** Moves the cloud's clock forward to an instant, through all that is due on the way. */
  async advanceTo(instant: Date): Promise<Date> {
    const { now } = await this.#call<{ now: string }>('POST', '/clock/advance', {
      to: instant.toISOString(),
    });
    return new Date(now);
  }

  async injectFault(fault: Fault): Promise<void> {
    await this.#call('POST', '/faults', fault);
  }

  async clearFaults(part?: PartName): Promise<void> {
    await this.#call('DELETE', part ? `/faults?part=${part}` : '/faults');
  }

  async setReachable(part: PartName, reachable: boolean): Promise<void> {
    await this.#call('PUT', `/parts/${part}/reachable`, reachable);
  }

  /** The requests that were answered or refused, oldest first: of one part or of all, after a sequence number or from the start. */
  async requests(filter: { part?: PartName; after?: number } = {}): Promise<RequestRecord[]> {
    const query = new URLSearchParams();
    if (filter.part) query.set('part', filter.part);
    if (filter.after !== undefined) query.set('after', String(filter.after));
    return this.#call('GET', `/requests?${query}`);
  }

  async clearRequests(): Promise<void> {
    await this.#call('DELETE', '/requests');
  }

  /** Every password that the registry ever issued, for the search for leaks. */
  async issuedPasswords(): Promise<string[]> {
    return this.#call('GET', '/passwords');
  }

  /** The access tokens that login servers issued last (at least 20,000), for the search for leaks. */
  async issuedLoginTokens(): Promise<string[]> {
    return this.#call('GET', '/login-tokens');
  }

  /** Every message that Service Bus holds now. */
  async heldMessages(): Promise<unknown> {
    return this.#call('GET', '/messages');
  }

  async registrySettings(): Promise<Record<string, unknown>> {
    return this.#call('GET', '/registry/settings');
  }

  /** Changes some of the registry's settings and returns all of them. */
  async changeRegistrySettings(changes: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.#call('PATCH', '/registry/settings', changes);
  }

  async eventGridSettings(): Promise<Record<string, unknown>> {
    return this.#call('GET', '/event-grid/settings');
  }

  /** Changes some of Event Grid's settings and returns all of them; `{enabled: false}` switches it off. */
  async changeEventGridSettings(changes: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.#call('PATCH', '/event-grid/settings', changes);
  }

  /** Empties every part, clears faults and history, and leaves the clock where it is. */
  async reset(): Promise<void> {
    await this.#call('POST', '/reset');
  }

  async #call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${errorText(text)}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}

function errorText(body: string): string {
  try {
    return String((JSON.parse(body) as { error: unknown }).error);
  } catch {
    return body;
  }
}
