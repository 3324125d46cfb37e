import { minute } from '../lifecycle/build.ts';
import { Fleet } from './fleet.ts';

/** Every day at ten in the evening by the clocks of Berlin, which is at nine in winter. */
export const nightly = { schedule: '0 0 22 * * *', timeZone: 'Europe/Berlin', select: {}, reason: 'Nightly' };
export const before = '2026-03-01T12:00:00.000Z';
export const occurrence = '2026-03-01T21:00:00.000Z';
export const nextOccurrence = '2026-03-02T21:00:00.000Z';
export const idOf = (token: string, at = occurrence, registry = 'contoso') =>
  `nightly/${at}/${registry}/${token}`;

export async function begun(schedules: object = { nightly }): Promise<Fleet> {
  const fleet = new Fleet(schedules);
  await fleet.run(before);
  return fleet;
}

export function plusMinute(instant: string): string {
  return new Date(Date.parse(instant) + minute).toISOString();
}
