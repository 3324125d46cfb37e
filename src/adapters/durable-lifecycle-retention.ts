import { setTimeout } from 'node:timers/promises';
import type { DurableClient } from 'durable-functions';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { LifecycleRetention } from '../ports/retention.ts';
import { type Caller, callOnce } from './call.ts';
import { DurableLifecycles, instanceId, type OrchestrationClient } from './durable-lifecycles.ts';

/** As much of the Durable client as is used. */
export type RetentionClient = OrchestrationClient & Pick<DurableClient, 'terminate' | 'purgeInstanceHistory'>;

/** Termination is a message to the orchestration; so often and so long it is waited for that. */
const mostLooks = 20;
const pause = 250;

/** Ends and purges orchestrations. */
export class DurableLifecycleRetention implements LifecycleRetention {
  readonly #client: RetentionClient;
  readonly #caller: Caller;
  readonly #lifecycles: DurableLifecycles;

  constructor(client: RetentionClient, clock: Clock) {
    this.#client = client;
    this.#caller = { service: 'orchestrations', clock, timeLimit: 20_000 };
    this.#lifecycles = new DurableLifecycles(client, clock);
  }

  /** Only what has ended is purged: the orchestration's last episode would write rows again. */
  async remove(token: TokenIdentity): Promise<boolean> {
    const standing = await this.#lifecycles.standing(token);
    if (standing === 'none') return true;
    if (standing === 'running' && !(await this.#end(token))) return false;
    await callOnce(this.#caller, 'remove', {}, () => this.#client.purgeInstanceHistory(instanceId(token)));
    return true;
  }

  async #end(token: TokenIdentity): Promise<boolean> {
    await callOnce(this.#caller, 'remove', {}, () =>
      this.#client.terminate(instanceId(token), 'The record of its token is purged.'),
    );
    for (let looks = 0; looks < mostLooks; looks += 1) {
      if ((await this.#lifecycles.standing(token)) !== 'running') return true;
      await setTimeout(pause);
    }
    return false;
  }
}
