import { latestOccurrence } from '../calendar/latest-occurrence.ts';
import type { RotationSchedule } from '../configuration/rotation-schedules-document.ts';
import type { Instant } from '../contracts/instants.ts';
import { minute } from '../lifecycle/instant-arithmetic.ts';
import type { RotationProgress, StoredRotationProgress } from '../ports/rotation-progress.ts';
import type { RotationSchedulePorts } from './rotation-schedule-ports.ts';
import { type OccurrenceReport, runOccurrence } from './run-occurrence.ts';

/** Milliseconds in one invocation: Azure may end one after five minutes. */
const longest = 4 * minute;

/** What was done about a schedule; nothing is told of one that has not come up. */
export type ScheduleReport =
  | { readonly schedule: string; readonly result: 'begun' | 'changed' | 'forgotten' }
  | ({ readonly schedule: string; readonly occurrence: Instant } & OccurrenceReport)
  | { readonly schedule: string; readonly result: { readonly error: unknown } };

/**
 * Asks for the rotations of every schedule that has come up, once for each occurrence. What was missed is made up for by
 * the latest occurrence; a schedule that is new, or comes up at other times than before, begins with its next one. What
 * does not get done in one invocation goes on in the next. The schedule that fails does not keep the others from it.
 *
 * @param now of the timer
 * @throws ServiceFailure if the progress cannot be read
 */
export async function* runRotationSchedules(
  now: Instant,
  ports: RotationSchedulePorts,
): AsyncGenerator<ScheduleReport> {
  const { rotationProgress, configuration, clock } = ports;
  const until = new Date(clock.now().getTime() + longest);
  const stored = new Map((await rotationProgress.listProgress()).map((each) => [each.schedule, each]));
  for (const each of stored.values()) {
    if (configuration.rotationSchedules.has(each.schedule)) continue;
    await rotationProgress.forgetProgress(each);
    yield { schedule: each.schedule, result: 'forgotten' };
  }
  for (const schedule of longestWaitingFirst([...configuration.rotationSchedules.values()], stored)) {
    const report = await runSchedule(schedule, stored.get(schedule.name), now, until, ports);
    if (report) yield report;
  }
}

/** So that one that takes long does not keep the others waiting for ever. */
function longestWaitingFirst(
  schedules: readonly RotationSchedule[],
  stored: ReadonlyMap<string, StoredRotationProgress>,
): RotationSchedule[] {
  const doneUpTo = ({ name }: RotationSchedule) => stored.get(name)?.progress.doneUpTo ?? '';
  return [...schedules].sort((one, other) => (doneUpTo(one) < doneUpTo(other) ? -1 : 1));
}

async function runSchedule(
  schedule: RotationSchedule,
  stored: StoredRotationProgress | undefined,
  now: Instant,
  until: Date,
  ports: RotationSchedulePorts,
): Promise<ScheduleReport | undefined> {
  const { name } = schedule;
  try {
    const recurrence = recurrenceOf(schedule);
    if (stored?.progress.recurrence !== recurrence && !stored?.progress.run) {
      const begun = await ports.rotationProgress.saveProgress(name, { recurrence, doneUpTo: now }, stored);
      return begun && { schedule: name, result: stored ? 'changed' : 'begun' };
    }
    const begun = await begin(schedule, stored, now, ports);
    if (!begun) return undefined;
    const { run } = begun.progress;
    const report = await runOccurrence({ schedule, stored: begun, run, now, until }, ports);
    return { schedule: name, occurrence: run.occurrence, ...report };
  } catch (error) {
    return { schedule: name, result: { error } };
  }
}

type StoredAtWork = StoredRotationProgress & { readonly progress: Required<RotationProgress> };

/** The occurrence that is at work, or the latest one that has come up since; undefined if there is none. */
async function begin(
  schedule: RotationSchedule,
  stored: StoredRotationProgress,
  now: Instant,
  { rotationProgress }: RotationSchedulePorts,
): Promise<StoredAtWork | undefined> {
  const { progress } = stored;
  if (progress.run) return { ...stored, progress: { ...progress, run: progress.run } };
  const occurrence = latestOccurrence(schedule, progress.doneUpTo, now);
  if (occurrence === undefined) return undefined;
  const atWork = { ...progress, run: { occurrence } };
  const saved = await rotationProgress.saveProgress(schedule.name, atWork, stored);
  return saved && { ...saved, progress: atWork };
}

function recurrenceOf({ schedule, timeZone }: RotationSchedule): string {
  return `${schedule} ${timeZone}`;
}
