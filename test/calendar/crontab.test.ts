import { describe, expect, it } from 'vitest';
import { crontabSchema, parseCrontab } from '../../src/calendar/crontab.ts';

const sorted = (values: ReadonlySet<number> | undefined) => [...(values ?? [])].sort((a, b) => a - b);

describe('an NCRONTAB expression', () => {
  it.each<[text: string, field: keyof NonNullable<ReturnType<typeof parseCrontab>>, values: number[]]>([
    ['0 5 4 * * *', 'minutes', [5]],
    ['0 5,10 4 * * *', 'minutes', [5, 10]],
    ['0 5-8 4 * * *', 'minutes', [5, 6, 7, 8]],
    ['0 */20 4 * * *', 'minutes', [0, 20, 40]],
    ['0 50/4 4 * * *', 'minutes', [50, 54, 58]],
    ['0 10-20/5 4 * * *', 'minutes', [10, 15, 20]],
    ['0 0 22-20 * * *', 'hours', [20, 21, 22]],
    ['0 0 4 * Jan,MARCH,jun *', 'months', [1, 3, 6]],
    ['0 0 4 * * Mon-fri', 'daysOfWeek', [1, 2, 3, 4, 5]],
    ['0 0 4 * * 0', 'daysOfWeek', [0]],
    ['0  0 4 1 * *', 'days', [1]],
  ])('%s has the %s %j', (text, field, values) => {
    expect(sorted(parseCrontab(text)?.[field])).toEqual(values);
  });

  it.each([
    ['has five fields only', '0 4 * * *'],
    ['has seven fields', '0 0 4 * * * 2026'],
    ['has a minute 60', '0 60 4 * * *'],
    ['has a day 0', '0 0 4 0 * *'],
    ['has a day of the week 7', '0 0 4 * * 7'],
    ['has a month that is none', '0 0 4 * Movember *'],
    ['has a step of nothing', '0 */0 4 * * *'],
    ['has a step that is no number', '0 */x 4 * * *'],
    ['has a range from everything', '0 *-5 4 * * *'],
    ['has an empty element', '0 1,,2 4 * * *'],
    ['has signs of other dialects', '0 0 4 L * ?'],
    ['is a word', 'hourly'],
    ['is for 30 February, which never comes', '0 0 4 30 2 *'],
    ['is for 31 April or June', '0 0 4 31 4,6 *'],
  ])('is refused if it %s', (_why, text) => {
    expect(crontabSchema.safeParse(text).error?.issues[0]?.message).toBe('invalidCrontab');
  });

  it('may be for 29 February, or 31 in some of its months', () => {
    expect(crontabSchema.parse('0 0 4 29 2 *')).toBe('0 0 4 29 2 *');
    expect(crontabSchema.parse('0 0 4 31 4,5 *')).toBe('0 0 4 31 4,5 *');
  });
});
