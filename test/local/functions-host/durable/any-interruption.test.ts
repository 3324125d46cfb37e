import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FunctionInvoker } from '../../../../infra/local/functions-host/durable/function-invoker.ts';
import { StoreUnreachable } from '../../../../infra/local/functions-host/durable/store/store-unreachable.ts';
import { repetitions } from '../../../counts.ts';
import { HandMovedClock } from './support/hand-moved-clock.ts';
import type { InProcessApp } from './support/in-process-app.ts';
import { type Program, programApp } from './support/program.ts';
import { TestHub, type TestHubOptions, temporaryFolder } from './support/test-hub.ts';

/**
 * Orchestrations made up at random end alike whether they run undisturbed, or their host dies again and again at any use of
 * its store, or two hosts share the work.
 */

const redeliveryDelay = 60_000;

const activity = fc.record({
  kind: fc.constant('activity' as const),
  value: fc.integer({ min: 0, max: 99 }),
});
const timer = fc.record({ kind: fc.constant('timer' as const), seconds: fc.integer({ min: 0, max: 50 }) });
const child = fc.record({
  kind: fc.constant('child' as const),
  steps: fc.array(fc.oneof(activity, timer), { maxLength: 2 }),
});
const retries = fc.record({
  kind: fc.constant('retries' as const),
  attempts: fc.integer({ min: 1, max: 3 }),
});
const all = fc.record({
  kind: fc.constant('all' as const),
  steps: fc.array(fc.oneof(activity, timer, child), { minLength: 1, maxLength: 4 }),
});
const race = fc.record({ kind: fc.constant('race' as const), seconds: fc.integer({ min: 1, max: 50 }) });

const step = fc.oneof(activity, timer, child, retries, all, race);
const program: fc.Arbitrary<Program> = fc.array(fc.array(step, { maxLength: 4 }), {
  minLength: 1,
  maxLength: 3,
});

/** Which of the functions that a host calls, one after the other, freeze until much time has passed. */
const freezes = fc.array(fc.boolean(), { maxLength: 40 });

/** After so many uses of the store a host can no longer reach it: to the store that is the same as being killed. */
const life = fc.integer({ min: 1, max: 120 });

interface Ending {
  readonly output: unknown;
  readonly history: readonly string[];
}

/** Hosts that share a task hub, each replaced by the next when it dies. */
class MortalHosts {
  readonly #machine = { now: 1_000_000 };
  readonly #clock = new HandMovedClock();
  readonly #dataFolder = temporaryFolder();
  readonly #lives: number[];
  readonly #freezes: boolean[];
  #thaw = () => {};
  #thawed = Promise.resolve();
  readonly #hosts: { hub: TestHub; isAlive: () => boolean }[];

  /** `lives` says when each host dies; when they are used up, hosts live for ever. */
  constructor(count: number, lives: readonly number[], freezes: readonly boolean[]) {
    this.#lives = [...lives];
    this.#freezes = [...freezes];
    this.#freeze();
    this.#hosts = Array.from({ length: count }, () => this.#newHost());
  }

  /** Runs a program to its end. */
  async run(program: Program): Promise<Ending> {
    const input = JSON.stringify({ program, results: [] });
    for (let turn = 0; turn < 500; turn += 1) {
      for (const { hub } of this.#hosts) {
        tryTo(() => hub.engine.operations.get('i1') ?? hub.engine.operations.start('main', 'i1', input));
        await hub.engine.caughtUp();
        const ending = tryTo(() => endingOf(hub));
        if (ending) return ending;
      }
      await this.#letTimePass();
    }
    throw new Error('The orchestration did not end');
  }

  async close(): Promise<void> {
    this.#thaw();
    for (const { hub } of this.#hosts) await hub.engine.stop(0);
    rmSync(this.#dataFolder, { recursive: true });
  }

  #freeze(): void {
    this.#thawed = new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  /** An app whose functions freeze when it is their turn: they have run, but the host gets no answer. */
  #freezing(app: InProcessApp): FunctionInvoker {
    const answer = async <Answer>(answered: Promise<Answer>) => {
      if (this.#freezes.shift()) await this.#thawed;
      return answered;
    };
    return {
      registeredName: (kind, name) => app.registeredName(kind, name),
      registeredNames: (kind) => app.registeredNames(kind),
      invokeOrchestrator: (name, input, call) => answer(app.invokeOrchestrator(name, input, call)),
      invokeActivity: (name, input, call) => answer(app.invokeActivity(name, input, call)),
    };
  }

  /** Frozen functions go on when others have had their work for as long as it takes to be given out again. */
  async #letTimePass(): Promise<void> {
    this.#machine.now += redeliveryDelay;
    for (const { hub } of this.#hosts) await hub.engine.caughtUp();
    this.#thaw();
    this.#freeze();
    const dues = this.#hosts.flatMap(({ hub }) => hub.engine.nextDue?.getTime() ?? []);
    this.#clock.stepTowards(Math.min(...dues, this.#clock.now().getTime() + 60_000));
    for (const [index, { hub, isAlive }] of this.#hosts.entries()) {
      if (isAlive()) continue;
      await hub.engine.stop(0);
      this.#hosts[index] = this.#newHost();
    }
  }

  #newHost() {
    let left = this.#lives.shift() ?? Number.POSITIVE_INFINITY;
    const options: TestHubOptions = {
      clock: this.#clock,
      dataFolder: this.#dataFolder,
      redeliveryDelay,
      machineTime: () => this.#machine.now,
      isReachable: () => --left > 0,
      pollInterval: 3_600_000,
      patience: 5,
      around: (app) => this.#freezing(app),
    };
    return { hub: new TestHub(programApp, options), isAlive: () => left > 0 };
  }
}

function endingOf(hub: TestHub): Ending | undefined {
  const finished = ['Completed', 'Failed'].includes(hub.status());
  return finished ? { output: hub.output(), history: hub.history() } : undefined;
}

/** What `use` gives, or nothing when the store cannot be reached. */
function tryTo<Result>(use: () => Result): Result | undefined {
  try {
    return use();
  } catch (error) {
    if (error instanceof StoreUnreachable) return undefined;
    throw error;
  }
}

async function endingWith(disturbance: Disturbance, program: Program): Promise<Ending> {
  const { hosts: count, lives, freezes } = disturbance;
  const hosts = new MortalHosts(count, lives, freezes);
  try {
    return await hosts.run(program);
  } finally {
    await hosts.close();
  }
}

interface Disturbance {
  readonly hosts: number;
  readonly lives: readonly number[];
  readonly freezes: readonly boolean[];
}

const undisturbed: Disturbance = { hosts: 1, lives: [], freezes: [] };

it.each([
  {
    what: 'a host that dies again and again at any use of the store',
    runs: repetitions({ quick: 15, soak: 100 }),
    disturbances: fc.record<Disturbance>({
      hosts: fc.constant(1),
      lives: fc.array(life, { minLength: 1, maxLength: 6 }),
      freezes: fc.constant([]),
    }),
  },
  {
    what: 'two hosts that share the work, freeze and die',
    runs: repetitions({ quick: 12, soak: 50 }),
    disturbances: fc.record<Disturbance>({
      hosts: fc.constant(2),
      lives: fc.array(life, { maxLength: 3 }),
      freezes,
    }),
  },
])(
  'ends alike on $what',
  async ({ runs, disturbances }) => {
    const property = fc.asyncProperty(program, disturbances, async (program, disturbance) => {
      const expected = await endingWith(undisturbed, program);
      const ending = await endingWith(disturbance, program);
      expect(ending.output).toEqual(expected.output);
      const tasks = ending.history.filter((event) => /\[|→/.test(event));
      expect(tasks).toEqual([...new Set(tasks)]);
    });
    await fc.assert(property, { numRuns: runs });
  },
  repetitions({ quick: 120_000, soak: 600_000 }),
);
