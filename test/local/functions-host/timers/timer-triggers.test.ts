import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MovableClock } from '../../../../infra/local/clock.ts';
import { ImpatientClock } from '../support/impatient-clock.ts';
import { startTestHost, type TestHost, type TestHostOptions } from '../support/start-test-host.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let clock: MovableClock;
let dataFolder: string;
const hosts = new Set<TestHost>();

beforeEach(async () => {
  clock = new MovableClock();
  // Tests begin at a fixed time of day: the next noon, and a little.
  await clock.advance(day - (clock.now().getTime() % day) + 12 * hour);
  dataFolder = await mkdtemp(join(tmpdir(), 'functions-data-'));
});
afterEach(async () => {
  for (const host of hosts) await host.close();
  hosts.clear();
  clock.close();
  await rm(dataFolder, { recursive: true });
});

async function start(code: string, options: TestHostOptions = {}): Promise<TestHost> {
  const files = { 'app.mjs': `import { app } from '@azure/functions';\n${code}` };
  const host = await startTestHost(files, { clock, dataFolder, ...options });
  hosts.add(host);
  return host;
}

async function stop(host: TestHost): Promise<void> {
  await host.close();
  hosts.delete(host);
}

function timer(
  name: string,
  options: string,
  handler = '(timer, context) => context.log(JSON.stringify(timer))',
): string {
  return `app.timer('${name}', { ${options}, handler: ${handler} });`;
}

interface Told {
  isPastDue: boolean;
  schedule: { adjustForDST: boolean };
  scheduleStatus: { last: string; next: string; lastUpdated: string } | null;
}

/** What the function got at each of its runs. */
function told(host: TestHost, name: string): Told[] {
  return host.log.saidBy(name).map((text) => JSON.parse(text) as Told);
}

function firedAt(host: TestHost, name: string): string[] {
  return host.log.runsOf(name).map(({ trigger }) => trigger?.slice('timer fired at '.length) ?? '');
}

describe('a schedule', () => {
  test('fires at each of its times, in the order of a clock that travels', async () => {
    const host = await start(
      [timer('hourly', `schedule: '0 0 * * * *'`), timer('halfPast', `schedule: '0 30 * * * *'`)].join('\n'),
    );
    await clock.advance(2 * hour + minute);
    const runs = host.log.lines.filter(({ outcome }) => outcome === 'succeeded');
    expect(runs.map(({ functionName, trigger }) => `${functionName} ${trigger?.slice(26, 31)}`)).toEqual([
      'halfPast 12:30',
      'hourly 13:00',
      'halfPast 13:30',
      'hourly 14:00',
    ]);
  });

  test('is a year in a moment', async () => {
    const host = await start(timer('monthly', `schedule: '0 0 0 1 * *'`));
    await clock.advance(365 * day);
    expect(host.log.runsOf('monthly')).toHaveLength(12);
  });

  test('may be a TimeSpan, from one run to the next', async () => {
    const host = await start(timer('constant', `schedule: '00:20:00'`));
    await clock.advance(hour + minute);
    expect(host.log.runsOf('constant')).toHaveLength(3);
    expect(told(host, 'constant')[0]?.schedule).toEqual({ adjustForDST: false });
  });

  test('may have five fields', async () => {
    const host = await start(timer('five', `schedule: '*/15 * * * *'`));
    await clock.advance(hour);
    expect(host.log.runsOf('five')).toHaveLength(4);
  });

  test('may be a setting', async () => {
    const host = await start(timer('bySetting', `schedule: '%WHEN%'`), {
      environment: { WHEN: '0 15 * * * *' },
    });
    await clock.advance(hour);
    expect(firedAt(host, 'bySetting')[0]).toContain(':15:00');
  });

  test('is read in the time zone of WEBSITE_TIME_ZONE', async () => {
    const host = await start(timer('local', `schedule: '0 0 3 * * *'`), {
      environment: { WEBSITE_TIME_ZONE: 'Asia/Tokyo' },
    });
    await clock.advance(day);
    expect(firedAt(host, 'local')[0]).toContain('T18:00:00');
    expect(told(host, 'local')[0]?.scheduleStatus?.next).toMatch(/T03:00:00\+09:00$/);
  });

  test('goes on after a run that failed', async () => {
    const host = await start(timer('fails', `schedule: '0 0 * * * *'`, `() => { throw new Error('no'); }`));
    await clock.advance(2 * hour);
    expect(host.log.runsOf('fails').map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  test('does not fire for a function that is switched off', async () => {
    const host = await start(timer('off', `schedule: '0 0 * * * *'`), {
      environment: { 'AzureWebJobs.off.Disabled': 'true' },
    });
    await clock.advance(2 * hour);
    expect(host.log.runsOf('off')).toEqual([]);
  });

  for (const [what, options, environment, message] of [
    [
      'none',
      `schedule: 'often'`,
      {},
      /The 'bad' function is in error: The schedule expression 'often' was not recognized/,
    ],
    [
      'a setting that is missing',
      `schedule: '%WHEN%'`,
      {},
      /timerTrigger: schedule: '%WHEN%' does not resolve/,
    ],
    [
      'read in a time zone that is none',
      `schedule: '0 0 * * * *'`,
      { WEBSITE_TIME_ZONE: 'Moon' },
      /WEBSITE_TIME_ZONE "Moon" is not a time zone/,
    ],
  ] as const)
    test(`that is ${what} stops the start`, async () => {
      await expect(start(timer('bad', options), { environment })).rejects.toThrow(message);
    });
});

describe('what a timer function is told', () => {
  test('the status before this run: its next is this occurrence', async () => {
    const host = await start(timer('hourly', `schedule: '0 0 * * * *'`));
    await clock.advance(2 * hour);
    const [first, second] = told(host, 'hourly');
    expect(first?.scheduleStatus?.last).toBe('0001-01-01T00:00:00+00:00');
    expect(first?.scheduleStatus?.next).toMatch(/T13:00:00\+00:00$/);
    expect(second?.scheduleStatus?.last).toMatch(/T13:00:00(\.\d+)?\+00:00$/);
    expect(second?.scheduleStatus?.next).toMatch(/T14:00:00\+00:00$/);
    expect(second?.isPastDue).toBe(false);
  });

  test('no status when it is not monitored, by its options or because it fires more than once a minute', async () => {
    const host = await start(
      [
        timer('unmonitored', `schedule: '0 0 * * * *', useMonitor: false`),
        timer('frequent', `schedule: '*/30 * * * * *'`),
      ].join('\n'),
    );
    await clock.advance(hour);
    expect(told(host, 'unmonitored')[0]?.scheduleStatus).toBeNull();
    expect(told(host, 'frequent')[0]?.scheduleStatus).toBeNull();
  });
});

describe('after a time without host', () => {
  test('what was missed runs once, past due, however often it was missed', async () => {
    const code = timer('hourly', `schedule: '0 0 * * * *'`);
    await stop(await start(code));
    await clock.advance(5 * hour);
    const host = await start(code);
    await host.log.until('the run', () => host.log.runsOf('hourly').length === 1);
    expect(told(host, 'hourly')).toMatchObject([{ isPastDue: true }]);
    await clock.advance(hour);
    expect(told(host, 'hourly').map(({ isPastDue }) => isPastDue)).toEqual([true, false]);
  });

  test('nothing runs when nothing was missed', async () => {
    const code = timer('daily', `schedule: '0 0 6 * * *'`);
    await stop(await start(code));
    await clock.advance(hour);
    const host = await start(code);
    await clock.advance(hour);
    expect(host.log.runsOf('daily')).toEqual([]);
  });

  test('nothing counts as missed when the schedule was changed meanwhile', async () => {
    await stop(await start(timer('changing', `schedule: '0 0 * * * *'`)));
    await clock.advance(5 * hour);
    const host = await start(timer('changing', `schedule: '0 0 6 * * *'`));
    await clock.advance(hour);
    expect(host.log.runsOf('changing')).toEqual([]);
  });

  test('nothing counts as missed when the timer is not monitored', async () => {
    const code = timer('unmonitored', `schedule: '0 0 * * * *', useMonitor: false`);
    await stop(await start(code));
    await clock.advance(5 * hour + minute);
    const host = await start(code);
    await clock.advance(minute);
    expect(host.log.runsOf('unmonitored')).toEqual([]);
  });

  test('what was cut off by the stop of the host is past due', async () => {
    const code = (handler: string) => timer('slow', `schedule: '0 0 * * * *'`, handler);
    const first = await start(
      code(`(timer, context) => { context.log('began'); return new Promise(() => {}); }`),
    );
    void clock.advance(hour);
    await first.log.until('the first run', () => first.log.saidBy('slow').length > 0);
    await stop(first);
    expect(first.log.runsOf('slow')).toMatchObject([{ outcome: 'abandoned' }]);
    const second = await start(code('(timer, context) => context.log(JSON.stringify(timer))'));
    await second.log.until('the second run', () => second.log.runsOf('slow').length > 0);
    expect(told(second, 'slow')).toMatchObject([{ isPastDue: true }]);
  });
});

describe('runOnStartup', () => {
  test('runs once at the start, not past due, and then by the schedule', async () => {
    const host = await start(timer('eager', `schedule: '0 0 * * * *', runOnStartup: true`));
    await host.log.until('the run', () => host.log.runsOf('eager').length === 1);
    await clock.advance(hour);
    expect(told(host, 'eager').map(({ isPastDue }) => isPastDue)).toEqual([false, false]);
  });

  test('gives way to a run that is past due', async () => {
    const code = timer('eager', `schedule: '0 0 * * * *', runOnStartup: true`);
    const first = await start(code);
    await first.log.until('the run', () => first.log.runsOf('eager').length === 1);
    await stop(first);
    await clock.advance(2 * hour);
    const second = await start(code);
    await second.log.until('the run', () => second.log.runsOf('eager').length === 1);
    expect(told(second, 'eager')).toMatchObject([{ isPastDue: true }]);
  });
});

test('runs never overlap: one that outlasts its next times is followed at once by exactly one more', async () => {
  const impatient = new ImpatientClock(new Date('2024-05-01T12:30:00Z'));
  const host = await start(
    `let finish; let isFirst = true;
    app.timer('slow', { schedule: '0 0 * * * *', handler: (timer, context) => {
      context.log(JSON.stringify(timer));
      if (!isFirst) return;
      isFirst = false;
      return new Promise((resolve) => { finish = resolve; }); } });
    app.http('finish', { handler: () => { finish(); return {}; } });`,
    { clock: impatient },
  );
  await impatient.move(hour);
  await host.log.until('the first run', () => host.log.saidBy('slow').length === 1);
  await impatient.move(2 * hour);
  expect(host.log.saidBy('slow')).toHaveLength(1);
  await host.fetch('/api/finish');
  await host.log.until('the run that follows', () => host.log.runsOf('slow').length === 2);
  await impatient.move(29 * minute);
  expect(told(host, 'slow').map(({ isPastDue }) => isPastDue)).toEqual([false, false]);
  await impatient.move(minute);
  await host.log.until('the next scheduled run', () => host.log.runsOf('slow').length === 3);
  impatient.close();
});

describe('retries', () => {
  const failing = (retry: string) => `
    app.timer('flaky', { schedule: '0 0 * * * *', retry: ${retry}, handler: (timer, context) => {
      context.log(JSON.stringify(context.retryContext ?? null)); throw new Error('try ' + (context.retryContext?.retryCount ?? 0)); } });`;

  test('follow after the delay, with their number and the last error, and then the schedule goes on', async () => {
    const host = await start(
      failing(`{ strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { minutes: 5 } }`),
    );
    await clock.advance(hour + 6 * minute);
    expect(host.log.runsOf('flaky')).toHaveLength(2);
    await clock.advance(hour);
    expect(host.log.saidBy('flaky').map((text) => JSON.parse(text))).toMatchObject([
      null,
      { retryCount: 1, maxRetryCount: 2, exception: { message: 'try 0' } },
      { retryCount: 2, maxRetryCount: 2, exception: { message: 'try 1' } },
      null,
      expect.anything(),
    ]);
  });

  test('of another trigger are ignored, and a warning says so', async () => {
    const host = await start(
      `app.http('web', { retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 1 } }, handler: () => { throw new Error('no'); } });`,
    );
    await host.log.line('the warning', ({ message }) =>
      message.startsWith("Retries are not supported for function 'web'"),
    );
    expect((await host.fetch('/api/web')).status).toBe(500);
    expect(host.log.runsOf('web')).toHaveLength(1);
  });
});

describe('two hosts on one data folder', () => {
  const code = timer('shared', `schedule: '0 0 * * * *'`);

  test('fire a timer once', async () => {
    const one = await start(code);
    const other = await start(code);
    await clock.advance(3 * hour);
    expect([one.log.runsOf('shared').length, other.log.runsOf('shared').length]).toEqual([3, 0]);
  });

  test('hand it over when one stops', async () => {
    const one = await start(code);
    const other = await start(code);
    await clock.advance(hour);
    await stop(one);
    // The other looks once a second.
    await expect
      .poll(
        async () => {
          await clock.advance(hour);
          return other.log.runsOf('shared').length;
        },
        { timeout: 10_000, interval: 300 },
      )
      .toBeGreaterThan(0);
  });
});
