import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StoreUnreachable } from '../../../../infra/local/functions-host/durable/store/store-unreachable.ts';
import { HandMovedClock } from './support/hand-moved-clock.ts';
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
  readonly #hosts: { hub: TestHub; isAlive: () => boolean }[];

  /** `lives` says when each host dies; when they are used up, hosts live for ever. */
  constructor(count: number, lives: readonly number[]) {
    this.#lives = [...lives];
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
    for (const { hub } of this.#hosts) await hub.engine.stop(0);
    rmSync(this.#dataFolder, { recursive: true });
  }

  async #letTimePass(): Promise<void> {
    this.#machine.now += redeliveryDelay;
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

async function endingWith(count: number, lives: readonly number[], program: Program): Promise<Ending> {
  const hosts = new MortalHosts(count, lives);
  try {
    return await hosts.run(program);
  } finally {
    await hosts.close();
  }
}

it.each([
  { hosts: 1, runs: 30, lives: fc.array(life, { minLength: 1, maxLength: 6 }) },
  { hosts: 2, runs: 20, lives: fc.array(life, { maxLength: 4 }) },
])(
  'ends alike on $hosts host(s) that die at any use of the store',
  async ({ hosts, runs, lives }) => {
    const property = fc.asyncProperty(program, lives, async (program, lives) => {
      const undisturbed = await endingWith(1, [], program);
      const disturbed = await endingWith(hosts, lives, program);
      expect(disturbed.output).toEqual(undisturbed.output);
      const tasks = disturbed.history.filter((event) => /\[|→/.test(event));
      expect(tasks).toEqual([...new Set(tasks)]);
    });
    await fc.assert(property, { numRuns: runs });
  },
  120_000,
);
