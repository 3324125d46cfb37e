import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MovableClock } from '../../infra/local/clock.ts';
import { durationInMilliseconds } from '../../infra/local/durations.ts';

const hour = 3_600_000;
const start = new Date('2026-01-01T00:00:00Z');

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});
afterEach(() => {
  vi.useRealTimers();
});

const inHours = (clock: MovableClock, hours: number) => new Date(clock.now().getTime() + hours * hour);

describe('the local clock', () => {
  it('runs at the pace of the machine until somebody moves it', async () => {
    const clock = new MovableClock();
    vi.advanceTimersByTime(1500);
    expect(clock.now()).toEqual(new Date('2026-01-01T00:00:01.500Z'));
    await clock.advance(24 * hour);
    vi.advanceTimersByTime(500);
    expect(clock.now()).toEqual(new Date('2026-01-02T00:00:02Z'));
  });

  it('runs a task by itself when its instant comes, and not a millisecond before', () => {
    const clock = new MovableClock();
    const task = vi.fn();
    clock.schedule(inHours(clock, 1), task);
    vi.advanceTimersByTime(hour - 1);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledOnce();
  });

  it('waits for a task that lies further ahead than the longest time-out of Node', async () => {
    const clock = new MovableClock();
    const task = vi.fn();
    clock.schedule(inHours(clock, 24 * 60), task);
    await vi.advanceTimersByTimeAsync(24 * 60 * hour - 1);
    expect(task).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(task).toHaveBeenCalledOnce();
  });

  it('stops at each due task on its way, in order, and shows each its own time', async () => {
    const clock = new MovableClock();
    const seen: [string, string][] = [];
    const note = (name: string) => () => void seen.push([name, clock.now().toISOString()]);
    clock.schedule(inHours(clock, 3), note('third'));
    clock.schedule(inHours(clock, 1), async () => {
      note('first')();
      await Promise.resolve();
      clock.schedule(inHours(clock, 1), note('made by the first'));
    });
    clock.schedule(inHours(clock, 5), note('not yet due'));
    await clock.advance(4 * hour);
    expect(seen).toEqual([
      ['first', '2026-01-01T01:00:00.000Z'],
      ['made by the first', '2026-01-01T02:00:00.000Z'],
      ['third', '2026-01-01T03:00:00.000Z'],
    ]);
    expect(clock.now()).toEqual(new Date('2026-01-01T04:00:00Z'));
  });

  it('does not run a task that was called off', async () => {
    const clock = new MovableClock();
    const task = vi.fn();
    clock.schedule(inHours(clock, 1), task)();
    await clock.advance(2 * hour);
    expect(task).not.toHaveBeenCalled();
  });

  it('goes on when a task fails, and reports the failure', async () => {
    const errors: unknown[] = [];
    const clock = new MovableClock((error) => errors.push(error));
    const task = vi.fn();
    clock.schedule(inHours(clock, 1), () => Promise.reject(new Error('broken task')));
    clock.schedule(inHours(clock, 2), task);
    await clock.advance(3 * hour);
    expect(errors).toEqual([new Error('broken task')]);
    expect(task).toHaveBeenCalledOnce();
  });

  it('does not move backwards', async () => {
    await expect(new MovableClock().advance(-1)).rejects.toThrow('The clock only moves forward');
    await expect(new MovableClock().advance(Number.NaN)).rejects.toThrow(RangeError);
  });

  it('stops where a follower has its next timer, and waits until the follower is done there', async () => {
    const clock = new MovableClock();
    const stops: string[] = [];
    const follower = {
      nextDue: new Date(start.getTime() + hour) as Date | undefined,
      async caughtUp() {
        await Promise.resolve();
        if (!this.nextDue || this.nextDue > clock.now()) return;
        stops.push(clock.now().toISOString());
        this.nextDue = stops.length < 3 ? inHours(clock, 10) : undefined;
      },
    };
    const leave = clock.follow(follower);
    await clock.advance(48 * hour);
    expect(stops).toEqual([
      '2026-01-01T01:00:00.000Z',
      '2026-01-01T11:00:00.000Z',
      '2026-01-01T21:00:00.000Z',
    ]);
    leave();
    follower.nextDue = inHours(clock, 1);
    await clock.advance(48 * hour);
    expect(stops).toHaveLength(3);
  });

  it('makes moves wait for one another', async () => {
    const clock = new MovableClock();
    const seen: string[] = [];
    clock.schedule(inHours(clock, 1), async () => {
      await Promise.resolve();
      seen.push(clock.now().toISOString());
    });
    await Promise.all([clock.advance(2 * hour), clock.advance(3 * hour)]);
    expect(seen).toEqual(['2026-01-01T01:00:00.000Z']);
    expect(clock.now()).toEqual(new Date('2026-01-01T05:00:00Z'));
  });

  it('runs any set of tasks in the order of their instants, each exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 40 }), async (minutes) => {
        const clock = new MovableClock();
        const ran: number[] = [];
        const base = clock.now().getTime();
        for (const minute of minutes)
          clock.schedule(new Date(base + minute * 60_000), () => void ran.push(minute));
        await clock.advance(500 * 60_000);
        const due = minutes.filter((minute) => minute <= 500).sort((left, right) => left - right);
        expect(ran).toEqual(due);
        clock.close();
      }),
    );
  });
});

describe('durations', () => {
  it.each([
    ['PT90S', 90_000],
    ['P30D', 30 * 24 * hour],
    ['P1W', 7 * 24 * hour],
    ['PT0.25S', 250],
    ['-PT1H', -hour],
  ])('reads %s as %i ms', (text, milliseconds) => {
    expect(durationInMilliseconds(text)).toBe(milliseconds);
  });

  it('counts months from the given instant', () => {
    expect(durationInMilliseconds('P1M', new Date('2026-02-01T00:00:00Z'))).toBe(28 * 24 * hour);
  });

  it.each(['', '30 days', 'P', 'PT', 'P1H', '00:05:00'])('refuses "%s" and shows it', (text) => {
    expect(() => durationInMilliseconds(text)).toThrow(`"${text}" is not an ISO 8601 duration`);
  });
});
