/**
 * A host of its own process for tests that kill or freeze it: runs instances of one orchestrator on a shared task hub, writes
 * what their activities do to a file, and prints `ready`, then the outputs as JSON once all have finished.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MovableClock } from '../../../../../infra/local/clock.ts';
import { ClientError } from '../../../../../infra/local/functions-host/durable/client/client-error.ts';
import { DurableEngine } from '../../../../../infra/local/functions-host/durable/engine/durable-engine.ts';
import { durableTaskSettings } from '../../../../../infra/local/functions-host/durable/engine/durable-task-settings.ts';
import { isFinished } from '../../../../../infra/local/functions-host/durable/instance-record.ts';
import { type AppFunctions, InProcessApp } from './in-process-app.ts';

const [folder = '', delay = '', orchestrator = '', count = ''] = process.argv.slice(2);

/** Notes in the test's folder what an activity did in this process. */
function note(what: string): void {
  appendFileSync(join(folder, 'effects'), `${what} ${process.pid}\n`);
}

const functions: AppFunctions = {
  orchestrators: {
    chain: function* (context) {
      const { instanceId } = context.df;
      const first = yield context.df.callActivity('add', { instanceId, step: 1, sum: 0 });
      const pair = [2, 3].map((step) => context.df.callActivity('add', { instanceId, step, sum: first }));
      const sums: number[] = yield context.df.Task.all(pair);
      return sums.reduce((total, sum) => total + sum, 0);
    },
    gated: function* (context) {
      return yield context.df.callActivity('waitForGate');
    },
  },
  activities: {
    add: async ({ instanceId, step, sum }: { instanceId: string; step: number; sum: number }) => {
      note(`${instanceId}/${step}`);
      await wait(20);
      return sum + step;
    },
    waitForGate: async () => {
      note('started');
      while (!existsSync(join(folder, 'gate'))) await wait(10);
      note('ended');
      return process.pid;
    },
  },
};

const engine = new DurableEngine({
  dataFolder: folder,
  settings: durableTaskSettings.parse({ hubName: 'killed', maxConcurrentActivityFunctions: 4 }),
  invoker: new InProcessApp(functions),
  clock: new MovableClock(),
  redeliveryDelay: Number(delay),
  pollInterval: 50,
  log: (level, message) => process.stderr.write(`${level}: ${message}\n`),
});

const ids = Array.from({ length: Number(count) }, (_, index) => `i${index}`);
for (const id of ids) {
  try {
    if (!engine.operations.get(id)) engine.operations.start(orchestrator, id, null);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
  }
}
process.stdout.write('ready\n');

const records = () => ids.map((id) => engine.operations.get(id));
while (!records().every((record) => record && isFinished(record.status))) await wait(10);
process.stdout.write(`${JSON.stringify(records().map((record) => record?.output))}\n`);
await engine.caughtUp();
while (existsSync(join(folder, 'stay'))) await wait(10);
await engine.stop();
