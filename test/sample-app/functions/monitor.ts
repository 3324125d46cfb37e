import * as df from 'durable-functions';
import { countEffects, leaveEffect } from '../journal.ts';

interface Watch {
  readonly pollMinutes: number;
  readonly giveUpAfterHours: number;
  /** The poll at which the parcel is there. */
  readonly arrivesAtPoll: number;
}

/** Monitor: asks again and again, at intervals of its own choice, until something has happened or it is too late. */
df.app.orchestration('watchParcel', function* (context) {
  const { instanceId } = context.df;
  const { pollMinutes, giveUpAfterHours, arrivesAtPoll } = context.df.getInput<Watch>();
  const startedAt = context.df.currentUtcDateTime.getTime();
  const giveUpAt = startedAt + giveUpAfterHours * 3_600_000;
  for (;;) {
    const hasArrived: boolean = yield context.df.callActivity('askCarrier', { instanceId, arrivesAtPoll });
    const now = context.df.currentUtcDateTime.getTime();
    const minutes = Math.round((now - startedAt) / 60_000);
    if (hasArrived) {
      yield context.df.callActivity('tellRecipient', { instanceId, minutes });
      return { arrived: true, minutes };
    }
    const nextPoll = now + pollMinutes * 60_000;
    if (nextPoll > giveUpAt) return { arrived: false, minutes };
    yield context.df.createTimer(new Date(nextPoll));
  }
});

df.app.activity('askCarrier', {
  handler: async ({ instanceId, arrivesAtPoll }: { instanceId: string; arrivesAtPoll: number }) => {
    await leaveEffect(instanceId, 'askCarrier');
    return (await countEffects(instanceId, 'askCarrier')) >= arrivesAtPoll;
  },
});

df.app.activity('tellRecipient', {
  handler: async ({ instanceId, minutes }: { instanceId: string; minutes: number }) => {
    await leaveEffect(instanceId, `told after ${minutes} minutes`);
  },
});
