import type { DurableClient } from 'durable-functions';
import { tokenKey } from '../contracts/names.ts';
import type { LifecycleInput } from '../lifecycle/activity-calls.ts';
import { lifecycleName, wakeEvent } from '../lifecycle/orchestrator.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lifecycles } from '../ports/lifecycles.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import { type Caller, callOnce } from './call.ts';

/** As much of the Durable client as is used. */
export type OrchestrationClient = Pick<DurableClient, 'getStatus' | 'startNew' | 'raiseEvent'>;

const finishedStatuses: readonly string[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];
/** The client tells the answers of the Durable Task extension by the texts of its errors only. */
const statusInText = /HTTP (\d{3}) response|unexpected status code: (\d{3})\b/;
const existsInText = /instance with the status \w+ already exists/;

/** Lifecycles as Durable Functions orchestrations. The id of a token's instance is its `tokenKey`. */
export class DurableLifecycles implements Lifecycles {
  readonly #client: OrchestrationClient;
  readonly #caller: Caller;

  constructor(client: OrchestrationClient, clock: Clock) {
    this.#client = client;
    this.#caller = { service: 'orchestrations', clock, timeLimit: 20_000 };
  }

  async standing(token: TokenIdentity): Promise<'none' | 'finished' | 'running'> {
    return this.#ask('standing', async () => {
      try {
        const { runtimeStatus } = await this.#client.getStatus(instanceId(token), { showInput: false });
        return finishedStatuses.includes(runtimeStatus) ? 'finished' : 'running';
      } catch (error) {
        if (statusOf(error) === 404) return 'none';
        throw error;
      }
    });
  }

  async start(token: TokenIdentity): Promise<'started' | 'exists'> {
    const input: LifecycleInput = { registry: token.registry, token: token.token };
    return this.#ask('start', async () => {
      try {
        await this.#client.startNew(lifecycleName, { instanceId: instanceId(token), input });
        return 'started';
      } catch (error) {
        if (existsInText.test(textOf(error))) return 'exists';
        throw error;
      }
    });
  }

  async wake(token: TokenIdentity): Promise<void> {
    await this.#ask('wake', () => this.#client.raiseEvent(instanceId(token), wakeEvent, {}));
  }

  async #ask<Answer>(operation: string, ask: () => Promise<Answer>): Promise<Answer> {
    return callOnce(this.#caller, operation, {}, async () => {
      try {
        return await ask();
      } catch (error) {
        const status = statusOf(error);
        if (status === undefined) throw error;
        throw new ServiceFailure({ service: 'orchestrations', operation, status, code: 'unavailable' });
      }
    });
  }
}

export function instanceId({ loginServer, token }: TokenIdentity): string {
  return tokenKey(loginServer, token);
}

function statusOf(error: unknown): number | undefined {
  const [, one, other] = statusInText.exec(textOf(error)) ?? [];
  const digits = one ?? other;
  return digits === undefined ? undefined : Number(digits);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
