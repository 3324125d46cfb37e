import { type RuntimeStatus, runtimeStatuses } from '../instance-record.ts';
import type { InstanceFilter } from '../store/instance-table.ts';

/** A `true` or `false` of a query, in any case; anything else counts as not given. */
export function booleanOf(text: string | undefined, otherwise: boolean): boolean {
  const value = text?.trim().toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : otherwise;
}

/** A whole number of a query; anything else counts as not given. */
export function integerOf(text: string | undefined): number | undefined {
  return text && /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** A number of seconds of a query, in milliseconds; anything else counts as not given. */
export function secondsOf(text: string | undefined): number | undefined {
  const seconds = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** An instant of a query; anything else counts as not given. */
export function instantOf(text: string | undefined): Date | undefined {
  const instant = text ? new Date(text) : undefined;
  return instant && !Number.isNaN(instant.getTime()) ? instant : undefined;
}

/** The instances that a query asks for. Statuses that do not exist are passed over. */
export function filterOf(
  query: (name: string) => string | undefined,
  statuses: readonly string[],
): InstanceFilter {
  return {
    idPrefix: query('instanceIdPrefix'),
    createdFrom: instantOf(query('createdTimeFrom')),
    createdTo: instantOf(query('createdTimeTo')),
    statuses: statuses
      .flatMap((list) => list.split(','))
      .map((text) => runtimeStatuses.find((status) => status === text.trim()))
      .filter((status): status is RuntimeStatus => status !== undefined),
  };
}
