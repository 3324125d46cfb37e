import { setTimeout as wait } from 'node:timers/promises';

/** What the extension says of an instance. */
export interface InstanceStatus {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly customStatus: unknown;
  readonly output: unknown;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly historyEvents?: readonly HistoryEntry[];
}

export interface HistoryEntry {
  readonly EventType: string;
  readonly Timestamp: string;
  readonly FunctionName?: string;
}

/** The links that an async HTTP API answers. */
export interface CheckStatusLinks {
  readonly id: string;
  readonly statusQueryGetUri: string;
  readonly sendEventPostUri: string;
  readonly terminatePostUri: string;
  readonly purgeHistoryDeleteUri: string;
  readonly suspendPostUri: string;
  readonly resumePostUri: string;
}

const continuationHeader = 'x-ms-continuation-token';
const patience = 60_000;
const pause = 20;
const unfinished = ['Running', 'Pending', 'ContinuedAsNew', 'Suspended'];

/** Drives a Functions app that uses Durable Functions from outside, over HTTP alone. */
export class DurableApi {
  readonly #origin: string;
  readonly #key: string;

  constructor(origin: string, key: string) {
    this.#origin = origin;
    this.#key = key;
  }

  /** Starts an orchestration through the extension's own endpoint. */
  async start(name: string, instanceId: string, input: unknown): Promise<void> {
    const response = await this.#post(`orchestrators/${name}/${instanceId}`, input);
    await expectStatus(response, 202);
    await response.body?.cancel();
  }

  async status(instanceId: string, query = ''): Promise<InstanceStatus> {
    const response = await fetch(this.#url(`instances/${instanceId}`, query));
    await expectStatus(response, 200, 202);
    return (await response.json()) as InstanceStatus;
  }

  /** Instances in the order of their ids: as many as `top` in the query says, or all. */
  async list(query: string): Promise<InstanceStatus[]> {
    const instances: InstanceStatus[] = [];
    let token = '';
    do {
      const headers = { [continuationHeader]: token };
      const response = await fetch(this.#url('instances', query), { headers });
      await expectStatus(response, 200);
      instances.push(...((await response.json()) as InstanceStatus[]));
      token = response.headers.get(continuationHeader) ?? '';
    } while (token !== '' && !query.includes('top='));
    return instances;
  }

  /** Whether the host can read its task hub; it answers 500 when it cannot. */
  async isStoreReachable(): Promise<boolean> {
    const response = await fetch(this.#url('instances', 'top=1'));
    await expectStatus(response, 200, 500);
    const text = await response.text();
    if (response.status === 500 && !text.includes('unreachable')) throw new Error(text);
    return response.status === 200;
  }

  async raiseEvent(instanceId: string, name: string, data: unknown): Promise<void> {
    const response = await this.#post(`instances/${instanceId}/raiseEvent/${name}`, data);
    await expectStatus(response, 202);
  }

  /** The answer to an operation such as `terminate`, whatever it is. */
  operate(
    instanceId: string,
    operation: 'terminate' | 'suspend' | 'resume',
    reason: string,
  ): Promise<Response> {
    const path = `instances/${instanceId}/${operation}`;
    return fetch(this.#url(path, `reason=${encodeURIComponent(reason)}`), { method: 'POST' });
  }

  /** Removes an instance and its history, in whatever state it is. */
  async purge(instanceId: string): Promise<void> {
    const response = await fetch(this.#url(`instances/${instanceId}`), { method: 'DELETE' });
    await expectStatus(response, 200);
    await response.body?.cancel();
  }

  /** Resolves when the instance has ended, however. */
  outcome(instanceId: string): Promise<InstanceStatus> {
    return this.until(instanceId, ({ runtimeStatus }) => !unfinished.includes(runtimeStatus));
  }

  /** Resolves with the instance's status when it is as wanted. */
  until(instanceId: string, isWanted: (status: InstanceStatus) => boolean): Promise<InstanceStatus> {
    return eventually(`instance ${instanceId}`, () => this.status(instanceId), isWanted);
  }

  #post(path: string, body: unknown): Promise<Response> {
    return fetch(this.#url(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  #url(path: string, query = ''): string {
    return `${this.#origin}/runtime/webhooks/durabletask/${path}?code=${this.#key}&${query}`;
  }
}

/** Looks again and again until what it sees is as wanted. @throws Error with what it saw last, after a minute. */
export async function eventually<Seen>(
  what: string,
  look: () => Promise<Seen>,
  isWanted: (seen: Seen) => boolean,
): Promise<Seen> {
  const end = performance.now() + patience;
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (performance.now() > end)
      throw new Error(`${what}: not as wanted within ${patience} ms; seen last: ${JSON.stringify(seen)}`);
    await wait(pause);
  }
}

async function expectStatus(response: Response, ...expected: number[]): Promise<void> {
  if (expected.includes(response.status)) return;
  throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}
