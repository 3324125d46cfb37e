import type { PlanRequest, SettleRequest } from '../../../src/lifecycle/activity-calls.ts';
import type { PendingCommand } from '../../../src/lifecycle/command-order.ts';
import { lifecycleName, tokenLifecycle, wakeEvent } from '../../../src/lifecycle/orchestrator.ts';
import type { StepRequest } from '../../../src/lifecycle/steps.ts';
import { HandMovedClock } from '../../local/functions-host/durable/support/hand-moved-clock.ts';
import { TestHub } from '../../local/functions-host/durable/support/test-hub.ts';
import { command, identity, start } from '../build.ts';
import { allowAll } from './allow-all.ts';
import { LifecycleRun } from './lifecycle-run.ts';
import { Prober } from './prober.ts';

/** The instance's id. */
export const id = 'contoso.azurecr.io~team-web';
export const request = { owner: 'team-web', access: { scopeMap: 'shared-read' } };

/** The lifecycle on the local Durable engine, with the model's world behind its three activities. */
export class EngineRun {
  readonly run: LifecycleRun;
  readonly hub: TestHub;
  /** What the prober found; thrown in an activity it would only be one more failure. */
  readonly broken: unknown[] = [];
  /** Asked before each activity; if it says so, the activity throws. */
  throws: (name: string) => boolean = () => false;

  constructor() {
    const prober = new Prober();
    this.run = new LifecycleRun({
      identity,
      now: start,
      judge: allowAll,
      look: (seen) => this.#probe(prober, seen),
    });
    this.hub = new TestHub(
      {
        orchestrators: { [lifecycleName]: tokenLifecycle },
        activities: {
          plan: (input: PlanRequest) => this.#activity('plan', () => this.run.plan(input.now)),
          step: (input: StepRequest) => this.#activity('step', () => this.run.step(input.plan, input.step)),
          settle: ({ plan, results, now }: SettleRequest) =>
            this.#activity('settle', () => this.run.settle(plan, results, now)),
        },
      },
      { clock: new HandMovedClock(start) },
    );
  }

  #probe(prober: Prober, seen: LifecycleRun): void {
    try {
      prober.look(seen);
    } catch (error) {
      this.broken.push(error);
    }
  }

  async begin(): Promise<void> {
    await this.hub.start({ registry: identity.registry, token: identity.token }, id, lifecycleName);
  }

  async send(pending: PendingCommand): Promise<void> {
    this.run.send(pending);
    await this.hub.raise(wakeEvent, {}, id);
  }

  #activity<Result>(name: string, body: () => Result): Result {
    if (this.throws(name)) throw new Error(`${name} is unwell`);
    this.run.world.now = Math.max(this.run.world.now, this.hub.clock.now().getTime());
    return body();
  }
}

/** A run whose token is requested before its lifecycle begins. */
export async function startedRun(throws?: () => boolean): Promise<EngineRun> {
  const engine = new EngineRun();
  if (throws) engine.throws = throws;
  engine.run.send(command('keyturn.token.requested', 0, request));
  await engine.begin();
  return engine;
}
