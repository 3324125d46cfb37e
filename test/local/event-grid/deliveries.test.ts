import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEventGrid } from '../../../infra/local/event-grid/start-event-grid.ts';
import { UsageError } from '../../../infra/local/part.ts';
import {
  type EventGridUnderTest,
  eventIn,
  type ReportMessage,
  startEventGridUnderTest,
  summary,
} from './event-grid-under-test.ts';

let running: EventGridUnderTest;
const second = 1_000;
const hour = 3_600 * second;

beforeAll(async () => {
  running = await startEventGridUnderTest();
});
afterAll(() => running.close());
beforeEach(() => running.reset());

/** Writes scope maps of these names, one after the other. */
async function write(...names: string[]): Promise<void> {
  for (const name of names)
    await running.registry.arm(`/scopeMaps/${name}`, {
      method: 'PUT',
      body: { properties: { actions: [] } },
    });
}

function names(messages: readonly ReportMessage[]): string[] {
  return messages.map((message) => summary(message).replace('scopeMaps/write /scopeMaps/', ''));
}

function advance(milliseconds: number): Promise<void> {
  return running.registry.cloud.clock.advance(milliseconds);
}

function setReachable(reachable: boolean): void {
  running.registry.cloud.faults.setReachable('service-bus', reachable);
}

describe('an event', () => {
  it('comes by itself, a moment later', async () => {
    await write('map-1');
    expect(names(await running.take(1))).toEqual(['map-1']);
  });

  it('takes as long as it is told to, on the clock of the cloud', async () => {
    running.eventGrid.updateSettings({ delayMilliseconds: [2 * hour, 2 * hour] });
    await write('map-1');
    await advance(hour);
    expect(running.bus.heldMessages()).toEqual([]);
    await advance(hour);
    expect(names(await running.take(1))).toEqual(['map-1']);
  });

  it('comes twice, with the same ids, when all do', async () => {
    running.eventGrid.updateSettings({ duplicates: 1 });
    await write('map-1', 'map-2');
    const messages = await running.takeAll();
    expect(names(messages).sort()).toEqual(['map-1', 'map-1', 'map-2', 'map-2']);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(2);
    expect(new Set(messages.map((message) => eventIn(message).id)).size).toBe(2);
  });

  it('may come after later ones', async () => {
    const maps = Array.from({ length: 12 }, (_, number) => `map-${number}`);
    const late = { probability: 0.5, milliseconds: [10 * second, 60 * second] };
    running.eventGrid.updateSettings({ delayMilliseconds: [0, 0], late });
    await write(...maps);
    const order = names(await running.takeAll());
    expect(order.toSorted()).toEqual(maps.toSorted());
    expect(order).not.toEqual(maps);
  });

  it('comes in an array with others when that is asked for, up to the most that fit', async () => {
    running.eventGrid.updateSettings({
      body: 'array',
      mostEventsInArray: 2,
      delayMilliseconds: [0, 12 * hour],
    });
    await write('map-1', 'map-2', 'map-3');
    await advance(25 * hour);
    const arrays = (await running.takeAll()).map(({ body }) => JSON.parse(body.toString()) as object[]);
    expect(arrays.flat()).toHaveLength(3);
    expect(arrays.map(({ length }) => length).sort()).toEqual([1, 2]);
  });

  it('comes only when its operation is one of the filter’s, whatever their case', async () => {
    running.eventGrid.updateSettings({
      operationNames: ['microsoft.containerregistry/registries/scopemaps/DELETE'],
    });
    await write('map-1');
    await running.registry.arm('/scopeMaps/map-1', { method: 'DELETE' });
    expect((await running.takeAll()).map(summary)).toEqual(['scopeMaps/delete /scopeMaps/map-1']);
  });

  it('does not come while Event Grid is off, nor later', async () => {
    running.eventGrid.updateSettings({ delayMilliseconds: [second, second] });
    await write('map-1');
    running.eventGrid.updateSettings({ enabled: false });
    await write('map-2');
    running.eventGrid.updateSettings({ enabled: true });
    await write('map-3');
    expect(names(await running.takeAll())).toEqual(['map-3']);
  });

  it('that waits while Service Bus is away comes ten seconds after, with all that followed it, in order', async () => {
    running.eventGrid.updateSettings({ delayMilliseconds: [0, 0] });
    setReachable(false);
    await write('map-1', 'map-2');
    await advance(second);
    setReachable(true);
    await write('map-3');
    await advance(second);
    expect(running.bus.heldMessages()).toEqual([]);
    await advance(9 * second);
    const messages = await running.take(3);
    expect(names(messages)).toEqual(['map-1', 'map-2', 'map-3']);
    const tries = messages.map(({ applicationProperties }) => applicationProperties?.['aeg-delivery-count']);
    expect(tries).toEqual(['1', '0', '0']);
    await write('map-4');
    expect(names(await running.take(1))).toEqual(['map-4']);
  });

  it('is given up after a day without Service Bus', async () => {
    setReachable(false);
    await write('map-1');
    await advance(23 * hour);
    await write('map-2');
    await advance(2 * hour);
    setReachable(true);
    await advance(12 * hour);
    expect(names(await running.takeAll())).toEqual(['map-2']);
  });
});

describe('Event Grid', () => {
  it('forgets its changed settings, and what is on its way, when it is reset', async () => {
    running.eventGrid.updateSettings({ delayMilliseconds: [second, second] });
    await write('map-1');
    await running.eventGrid.reset();
    expect(running.eventGrid.settings().delayMilliseconds).toEqual([20, 60]);
    expect(await running.takeAll()).toEqual([]);
  });

  it.each([
    { duplicates: 2 },
    { delayMilliseconds: [60, 20] },
    { schema: 'xml' },
    { operationNames: [] },
    { colour: 'red' },
    null,
  ])('refuses the settings %j and keeps those that it has', (changes) => {
    const before = running.eventGrid.settings();
    expect(() => running.eventGrid.updateSettings(changes)).toThrow();
    expect(running.eventGrid.settings()).toBe(before);
  });

  it.each([
    [{ queue: 'nowhere' }, 'eventGrid: queue: Service Bus has no queue or topic nowhere'],
    [{ settings: { duplicates: 2 } }, /^eventGrid: settings\.duplicates: /],
  ])('does not start with the configuration %j', (config, message) => {
    const { registry, bus } = running;
    const start = () =>
      startEventGrid({ config, context: registry.cloud, registry: registry.running, serviceBus: bus });
    expect(start).toThrow(UsageError);
    expect(start).toThrow(message);
  });
});
