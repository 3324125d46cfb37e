import { describe, expect, it } from 'vitest';
import { gatesOf, Interruptible } from '../activities/interleaving.ts';
import { identity } from '../lifecycle/build.ts';
import { IntakeSetting, messageOf, requested } from './intake-setting.ts';

const messages = {
  accepted: messageOf(requested()),
  denied: messageOf(requested({ owner: 'stranger' })),
};

/** However it went: one command, pending or with its outcome; its lifecycle knows; its event is told by one id. */
async function expectOneEffect({ cloud, calls, setAside, later }: IntakeSetting, isDenied: boolean) {
  const commands = [...cloud.records.of(identity).commands.values()].map(({ status }) => status);
  expect(commands).toHaveLength(1);
  expect(commands[0]?.outcome?.status).toBe(isDenied ? 'denied' : undefined);
  expect(await cloud.records.readPending(identity)).toHaveLength(isDenied ? 0 : 1);
  expect(calls.length > 0).toBe(!isDenied);
  expect(new Set(cloud.events.map(({ id }) => id)).size).toBe(isDenied ? 1 : 0);
  expect(await cloud.records.readOutbox(identity)).toEqual([]);
  expect([...setAside, ...later]).toEqual([]);
}

describe.each(Object.entries(messages))('a message that ends as %s', (name, message) => {
  const isDenied = name === 'denied';
  const run = (setting: IntakeSetting, at: number) =>
    new Interruptible(at, (gate) => setting.send(message, false, gate));

  it('has its one effect when the process was killed at any call and it is handed out again', async () => {
    const gates = await gatesOf((gate) => new IntakeSetting().send(message, false, gate));
    expect(gates).toBeGreaterThan(3);
    for (let at = 0; at < gates; at += 1) {
      const setting = new IntakeSetting();
      expect(await run(setting, at).stoppedOrDone).toBe('stopped');
      await setting.send(message);
      await expectOneEffect(setting, isDenied);
    }
  });

  it('has its one effect when it is taken in twice at the same time, whoever stops where', async () => {
    const gates = await gatesOf((gate) => new IntakeSetting().send(message, false, gate));
    for (let oneAt = 0; oneAt < gates; oneAt += 1)
      for (let otherAt = 0; otherAt < gates; otherAt += 1) {
        const setting = new IntakeSetting();
        const one = run(setting, oneAt);
        await one.stoppedOrDone;
        const other = run(setting, otherAt);
        await other.stoppedOrDone;
        const results = [await one.goOn(), await other.goOn()].map(({ result }) => result).sort();
        expect(results).toEqual([name, 'duplicate'].sort());
        await expectOneEffect(setting, isDenied);
      }
  });
});
