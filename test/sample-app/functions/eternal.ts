import * as df from 'durable-functions';
import { leaveEffect } from '../journal.ts';

const hour = 3_600_000;

/** Eternal orchestration: cleans up each hour, for ever, with a history that never grows. */
df.app.orchestration('cleanUpHourly', function* (context) {
  const { instanceId } = context.df;
  const { round } = context.df.getInput<{ round: number }>();
  yield context.df.callActivity('cleanUp', { instanceId, round });
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + hour));
  context.df.continueAsNew({ round: round + 1 });
});

df.app.activity('cleanUp', {
  handler: ({ instanceId, round }: { instanceId: string; round: number }) =>
    leaveEffect(instanceId, `round ${round}`),
});

interface Gauge {
  readonly readings: readonly number[];
  readonly silentHours: number;
}

/**
 * Eternal orchestration with events: takes one reading or one hour of silence for each generation. The activity between the
 * cancelled timer and continue-as-new is needed: without it the extension hands the same reading to every generation that
 * follows. Whoever sends readings has to wait until the last one shows in the custom status, as one that arrives while the
 * activity runs is lost.
 */
df.app.orchestration('readGauge', function* (context) {
  const { instanceId } = context.df;
  const { readings, silentHours } = context.df.getInput<Gauge>();
  context.df.setCustomStatus({ readings, silentHours });
  const silence = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + hour));
  const reading = context.df.waitForExternalEvent('reading');
  const winner: df.Task = yield context.df.Task.any([reading, silence]);
  if (winner === silence) {
    yield context.df.callActivity('storeReading', { instanceId, reading: 'silence' });
    context.df.continueAsNew({ readings, silentHours: silentHours + 1 } satisfies Gauge);
    return undefined;
  }
  silence.cancel();
  const { value, isLast } = reading.result as { value: number; isLast: boolean };
  yield context.df.callActivity('storeReading', { instanceId, reading: value });
  const next: Gauge = { readings: [...readings, value], silentHours };
  if (isLast) return next;
  context.df.continueAsNew(next);
  return undefined;
});

df.app.activity('storeReading', {
  handler: ({ instanceId, reading }: { instanceId: string; reading: number | 'silence' }) =>
    leaveEffect(instanceId, `reading ${reading}`),
});
