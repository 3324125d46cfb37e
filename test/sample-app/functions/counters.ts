import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as df from 'durable-functions';
import { counterName, journalFolder, leaveEffect } from '../journal.ts';

/**
 * Work that takes as long as somebody else likes: a document is signed at the counter that got it, when that one opens, and is
 * kept until it is collected.
 */
df.app.orchestration('signDocument', function* (context) {
  const { instanceId } = context.df;
  const signedAt: string = yield context.df.callActivity('signAtCounter', { instanceId });
  yield context.df.callActivity('fileDocument', { instanceId, signedAt });
  context.df.setCustomStatus(`filed from ${signedAt}`);
  yield context.df.waitForExternalEvent('collected');
  return { signedAt };
});

df.app.activity('signAtCounter', {
  handler: async ({ instanceId }: { instanceId: string }) => {
    await leaveEffect(instanceId, 'at the counter');
    const sign = join(journalFolder(), `${counterName()}.open`);
    while (!existsSync(sign)) await wait(20);
    await leaveEffect(instanceId, 'signed');
    return counterName();
  },
});

df.app.activity('fileDocument', {
  handler: ({ instanceId, signedAt }: { instanceId: string; signedAt: string }) =>
    leaveEffect(instanceId, `filed from ${signedAt}`),
});
