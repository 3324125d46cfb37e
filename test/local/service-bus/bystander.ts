import { beforeEach, onTestFinished, vi } from 'vitest';
import { receiveOne, startTestBus, type TestBus } from './start-test-bus.ts';

/**
 * Whatever a client writes, the broker answers as the service would or closes that connection, and other connections go on.
 * An uncaught exception or unhandled rejection anywhere would fail the run, since the broker runs in this process.
 */

/** Keeps what rhea tells the console of oddities out of the tests' output. */
export function silenceRhea(): void {
  beforeEach(() => {
    for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {});
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
  });
}

/** Starts a Service Bus with a client that must be served to the end, and with it any new one. */
export async function startWithBystander(): Promise<{
  started: TestBus;
  expectOthersToGoOn: () => Promise<void>;
}> {
  const started = await startTestBus();
  const bystander = started.createClient();
  const exchange = async (client: typeof bystander) => {
    await client.createSender('orders').sendMessages({ body: 'still there' });
    const receiver = client.createReceiver('orders');
    const message = await receiveOne(receiver);
    await receiver.completeMessage(message);
    await receiver.close();
  };
  await exchange(bystander);
  await started.bus.reset();
  return {
    started,
    expectOthersToGoOn: async () => {
      await started.bus.reset();
      await exchange(bystander);
      await exchange(started.createClient());
    },
  };
}
