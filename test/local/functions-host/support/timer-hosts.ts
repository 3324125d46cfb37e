import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { MovableClock } from '../../../../infra/local/clock.ts';
import { startTestHost, type TestHost, type TestHostOptions } from './start-test-host.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Hosts of one test, which share a data folder and a clock. */
export interface TimerHosts {
  /** It begins a moment after noon, so that tests know what is due next. */
  readonly clock: MovableClock;
  start(code: string, options?: TestHostOptions): Promise<TestHost>;
  stop(host: TestHost): Promise<void>;
}

/** Gives each test of a file a clock and a data folder, and ends its hosts. */
export function useTimerHosts(): TimerHosts {
  let clock: MovableClock;
  let dataFolder: string;
  const hosts = new Set<TestHost>();
  beforeEach(async () => {
    clock = new MovableClock();
    await clock.advance(day - (clock.now().getTime() % day) + 12 * hour);
    dataFolder = await mkdtemp(join(tmpdir(), 'functions-data-'));
  });
  afterEach(async () => {
    for (const host of hosts) await host.close();
    hosts.clear();
    clock.close();
    await rm(dataFolder, { recursive: true });
  });
  return {
    get clock() {
      return clock;
    },
    async start(code, options = {}) {
      const files = { 'app.mjs': `import { app } from '@azure/functions';\n${code}` };
      const host = await startTestHost(files, { clock, dataFolder, ...options });
      hosts.add(host);
      return host;
    },
    async stop(host) {
      await host.close();
      hosts.delete(host);
    },
  };
}

/** The code of a timer function, which tells what it gets unless it has a handler of its own. */
export function timer(
  name: string,
  options: string,
  handler = '(timer, context) => context.log(JSON.stringify(timer))',
): string {
  return `app.timer('${name}', { ${options}, handler: ${handler} });`;
}

export interface Told {
  readonly isPastDue: boolean;
  readonly schedule: { readonly adjustForDST: boolean };
  readonly scheduleStatus: {
    readonly last: string;
    readonly next: string;
    readonly lastUpdated: string;
  } | null;
}

/** What a timer function got at each of its runs. */
export function told(host: TestHost, name: string): Told[] {
  return host.log.saidBy(name).map((text) => JSON.parse(text) as Told);
}

/** When a timer function was run. */
export function firedAt(host: TestHost, name: string): string[] {
  return host.log.runsOf(name).map(({ trigger }) => trigger?.slice('timer fired at '.length) ?? '');
}
