import { z } from 'zod';
import { type Instant, instantSchema } from '../contracts/instants.ts';
import {
  mergeObservations,
  type ReportedChange,
  reportedChangeSchema,
} from '../lifecycle/drift/observation.ts';
import { millisecondsBetween, minute, second } from '../lifecycle/instant-arithmetic.ts';

/** What a comparison looks at: the tokens' list alone, or everything. */
const scope = z.enum(['tokens', 'everything']);

export type ComparisonScope = z.output<typeof scope>;

/** What a comparison that is wanted or under way has to know. `now`: the time it decides by. */
const request = { scope, now: instantSchema, reports: z.array(reportedChangeSchema) };

/** All but `now` in it is by the adapters' clock. */
const comparisonNoteSchema = z.object({
  /** Wanted by what came after the last comparison began. */
  wanted: z.object({ ...request, since: instantSchema }).optional(),
  /** Under way, or left behind by somebody who was stopped: then over at `until`. */
  running: z
    .object({
      ...request,
      holder: z.string(),
      until: instantSchema,
      /** What deviates has been noticed up to this name, in lower case. */
      after: z.string().optional(),
    })
    .optional(),
  /** When a comparison ended last, and how long it took in milliseconds. */
  last: z.object({ at: instantSchema, took: z.number().min(0) }).optional(),
});

export type ComparisonNote = z.output<typeof comparisonNoteSchema>;
export type Running = NonNullable<ComparisonNote['running']>;

/** What leads to a comparison. */
export interface ComparisonRequest {
  readonly scope: ComparisonScope;
  readonly now: Instant;
  readonly reports: readonly ReportedChange[];
}

/** A note that cannot be read, of another release, is as good as none. */
export function readComparisonNote(value: unknown): ComparisonNote {
  return comparisonNoteSchema.safeParse(value).data ?? {};
}

/** With one more reason for a comparison. However many there are, one comparison is enough for those before it. */
export function withRequest(note: ComparisonNote, asked: ComparisonRequest, at: Instant): ComparisonNote {
  const { wanted } = note;
  if (!wanted) return { ...note, wanted: { ...asked, reports: [...asked.reports], since: at } };
  const { reports } = mergeObservations(observationOf(wanted), observationOf(asked));
  const everything = wanted.scope === 'everything' || asked.scope === 'everything';
  const now = wanted.now > asked.now ? wanted.now : asked.now;
  return {
    ...note,
    wanted: { scope: everything ? 'everything' : 'tokens', now, reports, since: wanted.since },
  };
}

/** Who is at it, and until when unless it is renewed. */
export type Hold = Pick<Running, 'holder' | 'until'>;

/**
 * The note of somebody who begins, or goes on with what another one left behind. Undefined: there is nothing to do, or
 * another one is at it.
 */
export function begun(
  note: ComparisonNote,
  { holder, until }: Hold,
  at: Instant,
): ComparisonNote | undefined {
  const { running, wanted, ...rest } = note;
  if (running) return running.until > at ? undefined : { ...note, running: { ...running, holder, until } };
  if (!wanted) return undefined;
  const { since: _since, ...asked } = wanted;
  return { ...rest, running: { ...asked, holder, until } };
}

/** Undefined: somebody else has taken over. */
export function renewed(
  note: ComparisonNote,
  { holder, until }: Hold,
  after: string | undefined,
): ComparisonNote | undefined {
  if (note.running?.holder !== holder) return undefined;
  return { ...note, running: { ...note.running, until, ...(after === undefined ? {} : { after }) } };
}

/** Left behind for somebody else to go on with. */
export function leftBehind(note: ComparisonNote, holder: string, at: Instant): ComparisonNote | undefined {
  if (note.running?.holder !== holder) return undefined;
  return { ...note, running: { ...note.running, until: at } };
}

export function ended(
  note: ComparisonNote,
  holder: string,
  took: number,
  at: Instant,
): ComparisonNote | undefined {
  const { running, ...rest } = note;
  return running?.holder === holder ? { ...rest, last: { at, took } } : undefined;
}

const shortestGap = 1.5 * second;
const longestGap = 5 * minute;
/** So many times as long as a comparison takes, nothing is compared after it: else a large registry was listed all the time. */
const restPerWork = 4;

/** Milliseconds until the next comparison of tokens may begin; that of everything comes by its own schedule. */
export function gapLeft({ last, running, wanted }: ComparisonNote, at: Instant): number {
  if (!last || running || wanted?.scope === 'everything') return 0;
  const gap = Math.min(Math.max(shortestGap, restPerWork * last.took), longestGap);
  return Math.max(0, gap - millisecondsBetween(last.at, at));
}

/** Whether somebody should have seen to it by now: whoever wrote it down has been stopped, or had no time left. */
export function isOverdue({ wanted, running }: ComparisonNote, at: Instant): boolean {
  if (running) return running.until <= at;
  return wanted !== undefined && millisecondsBetween(wanted.since, at) >= minute;
}

function observationOf({ now, reports }: ComparisonRequest) {
  return { noticedBy: 'report' as const, at: now, reports: [...reports] };
}
