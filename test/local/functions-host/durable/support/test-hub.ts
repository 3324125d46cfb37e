import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrchestrationHandler } from 'durable-functions';
import { onTestFinished } from 'vitest';
import { jsonValue } from '../../../../../infra/local/functions-host/durable/client/status-document.ts';
import { DurableEngine } from '../../../../../infra/local/functions-host/durable/engine/durable-engine.ts';
import { durableTaskSettings } from '../../../../../infra/local/functions-host/durable/engine/durable-task-settings.ts';
import type { FunctionInvoker } from '../../../../../infra/local/functions-host/durable/function-invoker.ts';
import type { InstanceRecord } from '../../../../../infra/local/functions-host/durable/instance-record.ts';
import { HandMovedClock } from './hand-moved-clock.ts';
import { type AppFunctions, InProcessApp } from './in-process-app.ts';

export interface TestHubOptions {
  readonly settings?: Record<string, unknown>;
  readonly dataFolder?: string;
  readonly clock?: HandMovedClock;
  readonly redeliveryDelay?: number;
  readonly pollInterval?: number;
  readonly patience?: number;
  readonly isReachable?: () => boolean;
  readonly machineTime?: () => number;
  /** Stands between the engine and the app. */
  readonly around?: (app: InProcessApp) => FunctionInvoker;
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'durable-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An engine with an app in this process and a clock that is moved by hand. */
export class TestHub {
  readonly clock: HandMovedClock;
  readonly app: InProcessApp;
  readonly engine: DurableEngine;
  readonly log: string[] = [];

  constructor(functions: AppFunctions | ((hub: TestHub) => AppFunctions), options: TestHubOptions = {}) {
    const { settings = {}, around = (app: InProcessApp) => app, clock, dataFolder, ...rest } = options;
    this.clock = clock ?? new HandMovedClock();
    this.app = new InProcessApp(typeof functions === 'function' ? functions(this) : functions);
    const folder = dataFolder ?? temporaryFolder();
    this.engine = new DurableEngine({
      dataFolder: folder,
      settings: durableTaskSettings.parse({ hubName: 'tests', ...settings }),
      invoker: around(this.app),
      clock: this.clock,
      log: (_level, message) => this.log.push(message),
      patience: 150,
      ...rest,
    });
    onTestFinished(() => this.engine.stop(0));
  }

  /** Starts the orchestrator `main` and lets it get as far as it can without time passing. */
  async start(input: unknown = null, id = 'i1', name = 'main'): Promise<void> {
    this.engine.operations.start(name, id, input === null ? null : JSON.stringify(input));
    await this.engine.caughtUp();
  }

  async raise(name: string, data: unknown = null, id = 'i1'): Promise<void> {
    this.engine.operations.raiseEvent(id, name, JSON.stringify(data));
    await this.engine.caughtUp();
  }

  /** Lets so many seconds pass, stopping at everything that falls due on the way. */
  async advance(seconds: number): Promise<void> {
    const target = this.clock.now().getTime() + seconds * 1000;
    await this.engine.caughtUp();
    while (this.clock.stepTowards(target)) await this.engine.caughtUp();
    await this.engine.caughtUp();
  }

  instance(id = 'i1'): InstanceRecord {
    const instance = this.engine.operations.get(id);
    if (!instance) throw new Error(`There is no instance ${id}`);
    return instance;
  }

  status(id = 'i1'): string {
    return this.instance(id).status;
  }

  output(id = 'i1'): unknown {
    return jsonValue(this.instance(id).output);
  }

  /** The history in short: type numbers, with `[id]` for what was scheduled and `→id` for what ended a task. */
  history(id = 'i1'): string[] {
    return this.engine.operations.history(id).map((event) => {
      if (event.EventType === 11) return `11→${event.TimerId}`;
      if ('TaskScheduledId' in event) return `${event.EventType}→${event.TaskScheduledId}`;
      const scheduled = [4, 7, 10].includes(event.EventType);
      return scheduled ? `${event.EventType}[${event.EventId}]` : String(event.EventType);
    });
  }

  /** Seconds from the start of the clock's day to an instant. */
  secondsOf(instant: Date): number {
    return (instant.getTime() - Date.parse('2030-01-01T00:00:00.000Z')) / 1000;
  }
}

/** An app of the one orchestrator `main`. */
export function mainOnly(
  main: OrchestrationHandler,
  activities: AppFunctions['activities'] = {},
): AppFunctions {
  return { orchestrators: { main }, activities };
}
