import { describe, expect, test } from 'vitest';
import { day, firedAt, hour, minute, timer, told, useTimerHosts } from '../support/timer-hosts.ts';

const hosts = useTimerHosts();

describe('a schedule', () => {
  test('fires at each of its times, in the order of a clock that travels', async () => {
    const host = await hosts.start(
      [timer('hourly', `schedule: '0 0 * * * *'`), timer('halfPast', `schedule: '0 30 * * * *'`)].join('\n'),
    );
    await hosts.clock.advance(2 * hour + minute);
    const runs = host.log.lines.filter(({ outcome }) => outcome === 'succeeded');
    expect(runs.map(({ functionName, trigger }) => `${functionName} ${trigger?.slice(26, 31)}`)).toEqual([
      'halfPast 12:30',
      'hourly 13:00',
      'halfPast 13:30',
      'hourly 14:00',
    ]);
  });

  test('is a year in a moment', async () => {
    const host = await hosts.start(timer('monthly', `schedule: '0 0 0 1 * *'`));
    await hosts.clock.advance(365 * day);
    expect(host.log.runsOf('monthly')).toHaveLength(12);
  });

  test('may be a TimeSpan, from one run to the next', async () => {
    const host = await hosts.start(timer('constant', `schedule: '00:20:00'`));
    await hosts.clock.advance(hour + minute);
    expect(host.log.runsOf('constant')).toHaveLength(3);
    expect(told(host, 'constant')[0]?.schedule).toEqual({ adjustForDST: false });
  });

  test('may have five fields', async () => {
    const host = await hosts.start(timer('five', `schedule: '*/15 * * * *'`));
    await hosts.clock.advance(hour);
    expect(host.log.runsOf('five')).toHaveLength(4);
  });

  test('may be a setting', async () => {
    const host = await hosts.start(timer('bySetting', `schedule: '%WHEN%'`), {
      environment: { WHEN: '0 15 * * * *' },
    });
    await hosts.clock.advance(hour);
    expect(firedAt(host, 'bySetting')[0]).toContain(':15:00');
  });

  test('is read in the time zone of WEBSITE_TIME_ZONE', async () => {
    const host = await hosts.start(timer('local', `schedule: '0 0 3 * * *'`), {
      environment: { WEBSITE_TIME_ZONE: 'Asia/Tokyo' },
    });
    await hosts.clock.advance(day);
    expect(firedAt(host, 'local')[0]).toContain('T18:00:00');
    expect(told(host, 'local')[0]?.scheduleStatus?.next).toMatch(/T03:00:00\+09:00$/);
  });

  test('goes on after a run that failed', async () => {
    const host = await hosts.start(
      timer('fails', `schedule: '0 0 * * * *'`, `() => { throw new Error('no'); }`),
    );
    await hosts.clock.advance(2 * hour);
    expect(host.log.runsOf('fails').map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  test('does not fire for a function that is switched off', async () => {
    const host = await hosts.start(timer('off', `schedule: '0 0 * * * *'`), {
      environment: { 'AzureWebJobs.off.Disabled': 'true' },
    });
    await hosts.clock.advance(2 * hour);
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
      await expect(hosts.start(timer('bad', options), { environment })).rejects.toThrow(message);
    });
});

describe('what a timer function is told', () => {
  test('the status before this run: its next is this occurrence', async () => {
    const host = await hosts.start(timer('hourly', `schedule: '0 0 * * * *'`));
    await hosts.clock.advance(2 * hour);
    const [first, second] = told(host, 'hourly');
    expect(first?.scheduleStatus?.last).toBe('0001-01-01T00:00:00+00:00');
    expect(first?.scheduleStatus?.next).toMatch(/T13:00:00\+00:00$/);
    expect(second?.scheduleStatus?.last).toMatch(/T13:00:00(\.\d+)?\+00:00$/);
    expect(second?.scheduleStatus?.next).toMatch(/T14:00:00\+00:00$/);
    expect(second?.isPastDue).toBe(false);
  });

  test('no status when it is not monitored, by its options or because it fires more than once a minute', async () => {
    const host = await hosts.start(
      [
        timer('unmonitored', `schedule: '0 0 * * * *', useMonitor: false`),
        timer('frequent', `schedule: '*/30 * * * * *'`),
      ].join('\n'),
    );
    await hosts.clock.advance(hour);
    expect(told(host, 'unmonitored')[0]?.scheduleStatus).toBeNull();
    expect(told(host, 'frequent')[0]?.scheduleStatus).toBeNull();
  });
});
