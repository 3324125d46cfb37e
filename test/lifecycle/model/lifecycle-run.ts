import type { KeyturnEvent } from '../../../src/contracts/events.ts';
import type { PendingCommand } from '../../../src/lifecycle/command-order.ts';
import { decide, neededFacts } from '../../../src/lifecycle/decide.ts';
import { evolve } from '../../../src/lifecycle/evolve.ts';
import type { Facts, Judgement, Rules } from '../../../src/lifecycle/facts.ts';
import type { Plan, WorkPlan } from '../../../src/lifecycle/plan.ts';
import { readState } from '../../../src/lifecycle/read-state.ts';
import type { CommandOutcome, HistoryEntry } from '../../../src/lifecycle/settlement.ts';
import { isOpen, newState, type TokenIdentity, type TokenState } from '../../../src/lifecycle/state.ts';
import type { Step, StepResult } from '../../../src/lifecycle/steps.ts';
import { managed } from '../build.ts';
import { type Fate, runStep } from './run-step.ts';
import { World } from './world.ts';

/** How the policy judges a command, given the token's record. */
export type Judge = (pending: PendingCommand, state: TokenState) => Judgement;

/** One token's lifecycle on a world in memory: what orchestrator and activities do, one plan at a time. */
export class LifecycleRun {
  readonly world: World;
  readonly pending: PendingCommand[] = [];
  readonly outcomes: CommandOutcome[] = [];
  readonly events: KeyturnEvent[] = [];
  readonly history: HistoryEntry[] = [];
  readonly fates: Fate[] = [];
  /** How many of the next settles are lost: their plan is made anew. */
  lostSettles = 0;
  state: TokenState;
  wakeAt: string | undefined;
  /** The plan that is carried out now. */
  current: WorkPlan | undefined;
  readonly #identity: TokenIdentity;
  readonly #judge: Judge;
  readonly #rules: Rules;
  readonly #look: (run: LifecycleRun) => void;

  constructor(options: {
    identity: TokenIdentity;
    now: string;
    judge: Judge;
    rules?: Partial<Rules>;
    look?: (run: LifecycleRun) => void;
  }) {
    this.#identity = options.identity;
    this.#judge = options.judge;
    this.#rules = { disableSecret: true, rotateOnScopeMapChange: false, ...options.rules };
    this.#look = options.look ?? (() => {});
    this.world = new World(options.now);
    this.state = newState(options.identity);
  }

  send(command: PendingCommand): void {
    this.pending.push(command);
  }

  /** Plans and works until there is nothing to do but wait; gives the kinds of work that were done. */
  work(most = 200): string[] {
    const kinds: string[] = [];
    for (let plans = 0; plans < most; plans += 1) {
      const plan = this.plan();
      if (plan.kind === 'wait') return kinds;
      kinds.push(plan.work.kind);
      this.carryOut(plan);
    }
    throw new Error(`Still at work after ${most} plans: ${kinds.slice(-10).join(', ')}`);
  }

  plan(now = this.world.tick()): Plan {
    const decision = decide({ state: this.state, commands: this.pending, facts: this.#gather(now), now });
    this.#write(decision.state);
    if (decision.plan.kind === 'wait') this.wakeAt = decision.plan.wakeAt;
    else this.current = decision.plan;
    return stored(decision.plan);
  }

  carryOut(plan: WorkPlan): void {
    const results: StepResult[] = [];
    for (const step of plan.steps) {
      const result = this.step(plan.number, step);
      results.push(result);
      if (!result.ok) break;
    }
    if (this.lostSettles > 0) {
      this.lostSettles -= 1;
      return;
    }
    this.settle(plan, results);
  }

  step(plan: number, step: Step): StepResult {
    if (!isOpen(this.state, plan)) return { kind: step.kind, ok: false, code: 'planSuperseded' };
    const fate = this.fates.shift() ?? { kind: 'works' };
    const result = stored(runStep(this.world, this.#identity, step, fate));
    this.#look(this);
    return result;
  }

  settle(plan: WorkPlan, results: readonly StepResult[], now = this.world.tick()): void {
    const { state, events, outcomes, history } = evolve(this.state, plan, results, now);
    this.#write(state);
    this.events.push(...stored(events));
    this.outcomes.push(...outcomes);
    this.history.push(...history);
    for (const { key } of outcomes) {
      const index = this.pending.findIndex((command) => command.key === key);
      if (index >= 0) this.pending.splice(index, 1);
    }
    this.#look(this);
  }

  /** Time passes; whenever the lifecycle asked to be woken, it works. */
  passTime(milliseconds: number, resolution = milliseconds): string[] {
    const until = this.world.now + milliseconds;
    const kinds: string[] = [];
    while (this.world.now < until) {
      const wake =
        this.wakeAt === undefined ? Infinity : Math.max(Date.parse(this.wakeAt), this.world.now + 5_000);
      this.world.now = Math.min(until, wake, this.world.now + resolution);
      this.#look(this);
      if (this.world.now >= wake) kinds.push(...this.work());
    }
    return kinds;
  }

  #gather(now: string): Facts {
    const needed = neededFacts(this.state, this.pending, now);
    const { delivery } = this.state.status === 'none' ? managed() : this.state.managed;
    const judgements = this.pending
      .filter(({ key }) => needed.judgements.includes(key))
      .map((command): [string, Judgement] => [command.key, this.#judge(command, this.state)]);
    return {
      rules: this.#rules,
      judgements: Object.fromEntries(judgements),
      ...(needed.world
        ? {
            token: { ok: true, value: this.world.registryToken() },
            secret: { ok: true, value: this.world.vaultSecret(delivery) },
          }
        : {}),
      ...(needed.scopeMapActions
        ? { scopeMapActions: { ok: true, value: this.world.ownMap?.actions ?? [] } }
        : {}),
    };
  }

  /** The record is stored as JSON, and read again by the same rules as in production. */
  #write(state: TokenState): void {
    this.state = readState(stored(state));
  }
}

/** What is left of something once it was written to a table or to history. */
export function stored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
