import { z } from 'zod';
import { actorSchema } from '../../contracts/event-data.ts';
import { instantSchema } from '../../contracts/instants.ts';

/** A change that Azure reported, which may have to do with the token. */
export const reportedChangeSchema = z.object({
  /** One of `reportedOperations` of the registry's activity. */
  operation: z.string(),
  at: instantSchema,
  actor: actorSchema,
  /** Whose identity it was, whether or not the report shows one of Keyturn's request ids. */
  by: z.enum(['keyturn', 'others', 'unknown']),
});

export type ReportedChange = z.output<typeof reportedChangeSchema>;

/** That somebody should compare a token with what is believed of it. One per token: a second adds what it knows. */
export const observationSchema = z.object({
  noticedBy: z.enum(['report', 'reconcile']),
  /** When the first was added. */
  at: instantSchema,
  /** The last few, oldest first, without repeats. */
  reports: z.array(reportedChangeSchema),
});

export type Observation = z.output<typeof observationSchema>;

/** An observation as it was read; more may have been added since. */
export interface StoredObservation {
  readonly observation: Observation;
  readonly etag: string;
}

/** So many reports are kept. */
const mostReports = 8;

/**
 * One observation with all that two of them know. Of too many reports our own go first, then the older ones: who else
 * did something is what the next look has to know.
 */
export function mergeObservations(earlier: Observation, later: Observation): Observation {
  const all = new Map(
    [...earlier.reports, ...later.reports].map((report) => [JSON.stringify(report), report]),
  );
  const byWorth = [...all.values()].sort(
    (one, other) =>
      Number(one.by === 'keyturn') - Number(other.by === 'keyturn') || (one.at < other.at ? 1 : -1),
  );
  const reports = byWorth.slice(0, mostReports).sort((one, other) => (one.at < other.at ? -1 : 1));
  const noticedBy = earlier.noticedBy === 'report' || later.noticedBy === 'report' ? 'report' : 'reconcile';
  return { noticedBy, at: earlier.at < later.at ? earlier.at : later.at, reports };
}
