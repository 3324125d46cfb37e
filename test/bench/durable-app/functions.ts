import * as df from 'durable-functions';

/** As many activities as asked for, one after the other. */
df.app.orchestration('chain', function* (context) {
  const { length } = context.df.getInput<{ length: number }>();
  let value = 0;
  for (let step = 0; step < length; step += 1) value = yield context.df.callActivity('addOne', { value });
  return value;
});

df.app.activity('addOne', {
  handler: ({ value }: { value: number }) => value + 1,
});

/** Waits five days, the longest that a timer in JavaScript should. */
df.app.orchestration('idle', function* (context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5 * 24 * 3_600_000));
});
