const daysOnly = /^\s*(-?)(\d+)\s*$/;
const clockTime = /^\s*(-?)(?:(\d+)[.:])??(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?\s*$/;

/**
 * Milliseconds of a .NET TimeSpan text as host.json and timer schedules use it: `hh:mm:ss`, `d.hh:mm:ss.fffffff`, `hh:mm`, or a
 * bare number, which means days. Undefined when the text is none.
 */
export function timeSpanInMilliseconds(text: string): number | undefined {
  const days = daysOnly.exec(text);
  if (days) return signed(days[1], Number(days[2]) * 86_400_000);
  const parts = clockTime.exec(text);
  if (!parts) return undefined;
  const [, sign, day = '0', hour = '0', minute = '0', second = '0', fraction = '0'] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = ((Number(day) * 24 + Number(hour)) * 60 + Number(minute)) * 60 + Number(second);
  return signed(sign, seconds * 1000 + Number(`0.${fraction}`) * 1000);
}

/** The .NET TimeSpan text of a number of milliseconds, for example `00:05:00` or `1.00:00:00.5000000`. */
export function timeSpanText(milliseconds: number): string {
  const total = Math.abs(Math.round(milliseconds));
  const days = Math.floor(total / 86_400_000);
  const clock = new Date(total % 86_400_000).toISOString();
  const fraction = total % 1000 === 0 ? '' : `.${clock.slice(20, 23)}0000`;
  return `${milliseconds < 0 ? '-' : ''}${days > 0 ? `${days}.` : ''}${clock.slice(11, 19)}${fraction}`;
}

function signed(sign: string | undefined, milliseconds: number): number {
  return sign === '-' ? -milliseconds : milliseconds;
}
