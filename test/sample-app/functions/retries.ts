import * as df from 'durable-functions';
import { countEffects, leaveEffect } from '../journal.ts';

interface Call {
  readonly instanceId: string;
  /** How many attempts fail before one succeeds. */
  readonly failures: number;
}

/** Retries: one minute, then two, then four between four attempts; the caller sees only the outcome. */
df.app.orchestration('callPartner', function* (context) {
  const { failures } = context.df.getInput<{ failures: number }>();
  const startedAt = context.df.currentUtcDateTime.getTime();
  const options = new df.RetryOptions(60_000, 4);
  options.backoffCoefficient = 2;
  const call: Call = { instanceId: context.df.instanceId, failures };
  const minutes = () => Math.round((context.df.currentUtcDateTime.getTime() - startedAt) / 60_000);
  try {
    const answer: string = yield context.df.callActivityWithRetry('askPartner', options, call);
    return { answer, minutes: minutes() };
  } catch (error) {
    const isTheirs = error instanceof Error && error.message.includes('The partner does not answer');
    return { gaveUp: true, isTheirs, minutes: minutes() };
  }
});

df.app.activity('askPartner', {
  handler: async ({ instanceId, failures }: Call) => {
    await leaveEffect(instanceId, 'askPartner');
    const attempts = await countEffects(instanceId, 'askPartner');
    if (attempts <= failures) throw new Error('The partner does not answer');
    return `answered at attempt ${attempts}`;
  },
});
