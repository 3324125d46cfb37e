import * as df from 'durable-functions';
import { leaveEffect } from '../journal.ts';

/** Sub-orchestrations: a site is set up when all of its devices are. */
df.app.orchestration('setUpSite', function* (context) {
  const { devices } = context.df.getInput<{ devices: string[] }>();
  const tasks = devices.map((device) =>
    context.df.callSubOrchestrator('setUpDevice', { device }, `${context.df.instanceId}:${device}`),
  );
  const addresses: string[] = yield context.df.Task.all(tasks);
  return { addresses };
});

df.app.orchestration('setUpDevice', function* (context) {
  const { instanceId } = context.df;
  const { device } = context.df.getInput<{ device: string }>();
  const address: string = yield context.df.callActivity('registerDevice', { instanceId, device });
  yield context.df.callActivity('configureDevice', { instanceId });
  return address;
});

df.app.activity('registerDevice', {
  handler: async ({ instanceId, device }: { instanceId: string; device: string }) => {
    await leaveEffect(instanceId, 'registerDevice');
    return `${device}.site.example`;
  },
});

df.app.activity('configureDevice', {
  handler: ({ instanceId }: { instanceId: string }) => leaveEffect(instanceId, 'configureDevice'),
});
