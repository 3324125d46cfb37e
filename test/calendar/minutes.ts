/** A minute of time, and the minutes (milliseconds since 1970, as if they were in UTC) that clocks come to with it. */
export interface Minute {
  readonly at: number;
  /** None where clocks show a time again; many where they were put forward. */
  readonly cameTo: readonly number[];
}

const minute = 60_000;

/** The minutes of some days, as `Intl` knows the clocks of a time zone: nothing of the code under test. */
export function minutesOf(timeZone: string, start: string, days: number): Minute[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const shown = (at: number) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute: minutes = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minutes);
  };
  const first = Date.parse(start);
  let reached = shown(first - minute);
  return Array.from({ length: days * 1_440 }, (_, index) => {
    const at = first + index * minute;
    const cameTo: number[] = [];
    for (const now = shown(at); reached < now; ) {
      reached += minute;
      cameTo.push(reached);
    }
    return { at, cameTo };
  });
}

/** Stretches of time with and without changes of the clocks: by an hour, by half an hour, by none, over a whole day. */
export const stretches = [
  ['Europe/Berlin', '2026-03-27T00:00:00.000Z'],
  ['Europe/Berlin', '2026-10-23T00:00:00.000Z'],
  ['America/New_York', '2026-03-06T00:00:00.000Z'],
  ['America/New_York', '2026-10-30T00:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-04-03T00:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-10-02T00:00:00.000Z'],
  ['Pacific/Apia', '2011-12-28T00:00:00.000Z'],
  ['Asia/Kolkata', '2026-06-01T00:00:00.000Z'],
  ['UTC', '2026-02-27T00:00:00.000Z'],
].map(([timeZone = '', start = '']) => ({ timeZone, minutes: minutesOf(timeZone, start, 4) }));
