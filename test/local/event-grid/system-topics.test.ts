import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleter, group, subscriptionId } from '../registry/registry-under-test.ts';
import { type EventGridUnderTest, startEventGridUnderTest } from './event-grid-under-test.ts';

let running: EventGridUnderTest;
const groupId = `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
const topics = `${groupId}/providers/Microsoft.EventGrid/systemTopics`;
const version = '?api-version=2022-06-15';

beforeAll(async () => {
  running = await startEventGridUnderTest();
});
afterAll(() => running.close());
beforeEach(() => running.reset());

async function ask(path: string, options?: Parameters<typeof running.registry.arm>[1]) {
  const { status, body } = await running.registry.arm(path, options);
  return { status, json: JSON.parse(body) };
}

describe('Azure Resource Manager', () => {
  it('shows the topic of the resource group, and the subscription that leads to the queue', async () => {
    const { status, json } = await ask(topics + version);
    const [topic] = json.value;
    expect([status, topic.properties.source, topic.properties.topicType]).toEqual([
      200,
      groupId,
      'Microsoft.Resources.ResourceGroups',
    ]);
    const { value } = (await ask(`${topic.id}/eventSubscriptions${version}`)).json;
    const { deliveryWithResourceIdentity, filter, eventDeliverySchema } = value[0].properties;
    expect(deliveryWithResourceIdentity.destination.properties.resourceId).toMatch(
      /\/queues\/registry-activity$/,
    );
    expect(eventDeliverySchema).toBe('EventGridSchema');
    expect(filter.includedEventTypes).toHaveLength(3);
    expect(filter.advancedFilters[0].values).toContain('Microsoft.ContainerRegistry/registries/tokens/write');
    expect((await ask(`${topic.id}${version}`)).json).toEqual(topic);
    expect((await ask(`${value[0].id}${version}`)).json).toEqual(value[0]);
  });

  it('shows what the subscription was changed to, and none when it is switched off', async () => {
    const list = `${topics}/registries/eventSubscriptions${version}`;
    running.eventGrid.updateSettings({ operationNames: ['Microsoft.ContainerRegistry/registries/write'] });
    const { filter } = (await ask(list)).json.value[0].properties;
    expect(filter.advancedFilters[0].values).toEqual(['Microsoft.ContainerRegistry/registries/write']);
    running.eventGrid.updateSettings({ enabled: false });
    expect((await ask(list)).json.value).toEqual([]);
  });

  it('shows them to those who may see them, in groups and by names that there are', async () => {
    const refusals = [
      await ask(topics + version, { identity: deleter }),
      await ask(`${topics}/other${version}`),
      await ask(`${topics}/registries/eventSubscriptions/other${version}`),
      await ask(`${topics.replace(group, 'elsewhere')}${version}`),
      await ask(`${groupId}/providers/Microsoft.EventGrid/registries${version}`),
      await ask(`${topics}?api-version=2025-11-01`),
      await ask(topics + version, { method: 'POST' }),
    ];
    expect(refusals.map(({ status, json }) => [status, json.error.code])).toEqual([
      [403, 'AuthorizationFailed'],
      [404, 'ResourceNotFound'],
      [404, 'ResourceNotFound'],
      [404, 'ResourceGroupNotFound'],
      [404, 'InvalidResourceType'],
      [400, 'NoRegisteredProviderFound'],
      [405, 'MethodNotAllowed'],
    ]);
  });

  it('tells the time of the clock of the cloud', async () => {
    const year = 365 * 86_400_000;
    await running.registry.cloud.clock.advance(year);
    const { headers } = await running.registry.arm('');
    const ahead = Date.parse(String(headers.date)) - Date.now();
    expect(ahead).toBeGreaterThan(year - 60_000);
    expect(ahead).toBeLessThan(year + 60_000);
  });
});
