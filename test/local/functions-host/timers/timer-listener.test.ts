import { describe, expect, test } from 'vitest';
import { ImpatientClock } from '../support/impatient-clock.ts';
import { hour, minute, timer, told, useTimerHosts } from '../support/timer-hosts.ts';

const hosts = useTimerHosts();

describe('after a time without host', () => {
  test('what was missed runs once, past due, however often it was missed', async () => {
    const code = timer('hourly', `schedule: '0 0 * * * *'`);
    await hosts.stop(await hosts.start(code));
    await hosts.clock.advance(5 * hour);
    const host = await hosts.start(code);
    await host.log.until('the run', () => host.log.runsOf('hourly').length === 1);
    expect(told(host, 'hourly')).toMatchObject([{ isPastDue: true }]);
    await hosts.clock.advance(hour);
    expect(told(host, 'hourly').map(({ isPastDue }) => isPastDue)).toEqual([true, false]);
  });

  test('nothing runs when nothing was missed', async () => {
    const code = timer('daily', `schedule: '0 0 6 * * *'`);
    await hosts.stop(await hosts.start(code));
    await hosts.clock.advance(hour);
    const host = await hosts.start(code);
    await hosts.clock.advance(hour);
    expect(host.log.runsOf('daily')).toEqual([]);
  });

  test('nothing counts as missed when the schedule was changed meanwhile', async () => {
    await hosts.stop(await hosts.start(timer('changing', `schedule: '0 0 * * * *'`)));
    await hosts.clock.advance(5 * hour);
    const host = await hosts.start(timer('changing', `schedule: '0 0 6 * * *'`));
    await hosts.clock.advance(hour);
    expect(host.log.runsOf('changing')).toEqual([]);
  });

  test('nothing counts as missed when the timer is not monitored', async () => {
    const code = timer('unmonitored', `schedule: '0 0 * * * *', useMonitor: false`);
    await hosts.stop(await hosts.start(code));
    await hosts.clock.advance(5 * hour + minute);
    const host = await hosts.start(code);
    await hosts.clock.advance(minute);
    expect(host.log.runsOf('unmonitored')).toEqual([]);
  });

  test('what was cut off by the stop of the host is past due', async () => {
    const code = (handler: string) => timer('slow', `schedule: '0 0 * * * *'`, handler);
    const first = await hosts.start(
      code(`(timer, context) => { context.log('began'); return new Promise(() => {}); }`),
    );
    void hosts.clock.advance(hour);
    await first.log.until('the first run', () => first.log.saidBy('slow').length > 0);
    await hosts.stop(first);
    expect(first.log.runsOf('slow')).toMatchObject([{ outcome: 'abandoned' }]);
    const second = await hosts.start(code('(timer, context) => context.log(JSON.stringify(timer))'));
    await second.log.until('the second run', () => second.log.runsOf('slow').length > 0);
    expect(told(second, 'slow')).toMatchObject([{ isPastDue: true }]);
  });
});

describe('runOnStartup', () => {
  test('runs once at the start, not past due, and then by the schedule', async () => {
    const host = await hosts.start(timer('eager', `schedule: '0 0 * * * *', runOnStartup: true`));
    await host.log.until('the run', () => host.log.runsOf('eager').length === 1);
    await hosts.clock.advance(hour);
    expect(told(host, 'eager').map(({ isPastDue }) => isPastDue)).toEqual([false, false]);
  });

  test('gives way to a run that is past due', async () => {
    const code = timer('eager', `schedule: '0 0 * * * *', runOnStartup: true`);
    const first = await hosts.start(code);
    await first.log.until('the run', () => first.log.runsOf('eager').length === 1);
    await hosts.stop(first);
    await hosts.clock.advance(2 * hour);
    const second = await hosts.start(code);
    await second.log.until('the run', () => second.log.runsOf('eager').length === 1);
    expect(told(second, 'eager')).toMatchObject([{ isPastDue: true }]);
  });
});

test('runs never overlap: one that outlasts its next times is followed at once by exactly one more', async () => {
  const impatient = new ImpatientClock(new Date('2024-05-01T12:30:00Z'));
  const host = await hosts.start(
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
    const host = await hosts.start(
      failing(`{ strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { minutes: 5 } }`),
    );
    await hosts.clock.advance(hour + 6 * minute);
    expect(host.log.runsOf('flaky')).toHaveLength(2);
    await hosts.clock.advance(hour);
    expect(host.log.saidBy('flaky').map((text) => JSON.parse(text))).toMatchObject([
      null,
      { retryCount: 1, maxRetryCount: 2, exception: { message: 'try 0' } },
      { retryCount: 2, maxRetryCount: 2, exception: { message: 'try 1' } },
      null,
      expect.anything(),
    ]);
  });

  test('of another trigger are ignored, and a warning says so', async () => {
    const host = await hosts.start(
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
    const one = await hosts.start(code);
    const other = await hosts.start(code);
    await hosts.clock.advance(3 * hour);
    expect([one.log.runsOf('shared').length, other.log.runsOf('shared').length]).toEqual([3, 0]);
  });

  test('hand it over when one stops', async () => {
    const one = await hosts.start(code);
    const other = await hosts.start(code);
    await hosts.clock.advance(hour);
    await hosts.stop(one);
    // The other looks once a second.
    await expect
      .poll(
        async () => {
          await hosts.clock.advance(hour);
          return other.log.runsOf('shared').length;
        },
        { timeout: 10_000, interval: 300 },
      )
      .toBeGreaterThan(0);
  });
});
