import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../../../infra/local/identity/access-tokens.ts';
import { identities } from '../identity/local-cloud.ts';
import { administrator, group, registryId, subscriptionId } from '../registry/registry-under-test.ts';
import {
  doEverything,
  type EventGridUnderTest,
  eventIn,
  startEventGridUnderTest,
  summary,
} from './event-grid-under-test.ts';

let running: EventGridUnderTest;
const pullMap = `${registryId}/scopeMaps/_repositories_pull`;
const guid = /^[0-9a-f-]{36}$/;

beforeAll(async () => {
  running = await startEventGridUnderTest();
});
afterAll(() => running.close());
beforeEach(() => running.reset());

/** Makes a token; what the queue says of it is not looked at. */
async function createToken(): Promise<void> {
  await running.registry.client().tokens.create(group, 'contoso', 'first-token', { scopeMapId: pullMap });
  await running.takeAll();
}

function patchToken(headers: Record<string, string> = {}, identity = identities.operator) {
  const body = { properties: { status: 'disabled' } };
  return running.registry.arm('/tokens/first-token', { method: 'PATCH', body, headers, identity });
}

describe('what is done to a registry', () => {
  it('is told, each as an event of its kind, whoever does it and in whatever way', async () => {
    await doEverything(running);
    const messages = await running.takeAll();
    const events = messages.map(eventIn);
    const kinds = events.map(({ eventType, data }) => [eventType, data.operationName]);
    expect(messages.map(summary).sort()).toEqual([
      'delete',
      'generateCredentials/action',
      'listCredentials/action',
      'regenerateCredential/action',
      'scopeMaps/delete /scopeMaps/first-map',
      'scopeMaps/write /scopeMaps/first-map',
      'scopeMaps/write /scopeMaps/first-map',
      'tokens/delete /tokens/first-token',
      'tokens/write /tokens/first-token',
      'tokens/write /tokens/first-token',
      'write',
      'write',
    ]);
    for (const [type, operation] of kinds) {
      const verb = String(operation).split('/').at(-1);
      expect(String(type).toLowerCase()).toBe(`microsoft.resources.resource${verb}success`);
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(12);
  });

  it('is told in Event Grid’s own schema, with who did it by which request', async () => {
    await createToken();
    const id = '11111111-2222-4333-8444-555555555555';
    await patchToken({ 'x-ms-client-request-id': id }, administrator);
    const [message] = await running.take(1);
    if (!message) throw new Error('one message was taken');
    const uri = `${registryId}/tokens/first-token`.replace('resourceGroups', 'resourcegroups');
    expect(eventIn(message)).toEqual({
      topic: `/subscriptions/${subscriptionId}/resourceGroups/${group}`,
      subject: uri,
      eventType: 'Microsoft.Resources.ResourceWriteSuccess',
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
      id: expect.stringMatching(guid),
      dataVersion: '2',
      metadataVersion: '1',
      data: {
        authorization: {
          scope: uri,
          action: 'Microsoft.ContainerRegistry/registries/tokens/write',
          evidence: expect.objectContaining({ role: 'Contributor', principalType: 'User' }),
        },
        claims: expect.objectContaining({
          appid: administrator.clientId,
          name: 'Ada Bauer',
          'http://schemas.microsoft.com/identity/claims/objectidentifier': administrator.objectId,
          'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation',
          'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ada.bauer@contoso.example',
        }),
        correlationId: expect.stringMatching(guid),
        httpRequest: {
          clientRequestId: id,
          clientIpAddress: '127.0.0.1',
          method: 'PATCH',
          url: expect.stringMatching(/^https:\/\/localhost:\d+\/subscriptions\/.*\?api-version=/),
        },
        resourceProvider: 'Microsoft.ContainerRegistry',
        resourceUri: uri,
        operationName: 'Microsoft.ContainerRegistry/registries/tokens/write',
        status: 'Succeeded',
        subscriptionId,
        tenantId,
      },
    });
    expect(message).toMatchObject({
      messageId: eventIn(message).id,
      applicationProperties: {
        'aeg-subscription-name': 'registry-activity',
        'aeg-delivery-count': '0',
        'aeg-event-type': 'Notification',
        'aeg-metadata-version': '1',
        'aeg-data-version': '2',
        'aeg-output-event-id': expect.stringMatching(guid),
      },
    });
  });

  it('is told in the schema of CloudEvents when that is asked for', async () => {
    await createToken();
    running.eventGrid.updateSettings({ schema: 'cloud-events' });
    await patchToken();
    const [message] = await running.take(1);
    if (!message) throw new Error('one message was taken');
    const { data, ...envelope } = eventIn(message);
    expect(envelope).toEqual({
      id: message.messageId,
      source: `/subscriptions/${subscriptionId}/resourceGroups/${group}`,
      specversion: '1.0',
      type: 'Microsoft.Resources.ResourceWriteSuccess',
      subject: data.resourceUri,
      time: expect.stringMatching(/Z$/),
    });
    expect(data.claims).toMatchObject({ appid: identities.operator.clientId });
    expect(data.claims).not.toHaveProperty('http://schemas.microsoft.com/identity/claims/scope');
    expect(message.applicationProperties).not.toHaveProperty('aeg-data-version');
  });

  it('is told without httpRequest where something was created, unless that is asked for', async () => {
    const { tokens, scopeMaps } = running.registry.client();
    await tokens.create(group, 'contoso', 'first-token', { scopeMapId: pullMap });
    await scopeMaps.create(group, 'contoso', 'first-map', { actions: [] });
    await tokens.create(group, 'contoso', 'first-token', { scopeMapId: pullMap });
    await scopeMaps.create(group, 'contoso', 'first-map', { actions: [] });
    const told = (await running.takeAll()).map(eventIn);
    const methods = told.map(({ data }) => (data.httpRequest as { method: string } | undefined)?.method);
    expect(methods.sort()).toEqual(['PUT', 'PUT', undefined, undefined]);
    running.eventGrid.updateSettings({ httpRequestOnCreates: true });
    await tokens.create(group, 'contoso', 'second-token', { scopeMapId: pullMap });
    const [created] = await running.take(1);
    expect(created && eventIn(created).data.httpRequest).toMatchObject({ method: 'PUT' });
  });

  it.each([
    ['echoed', 'my-request'],
    ['replaced', expect.stringMatching(guid)],
    ['absent', undefined],
  ])('is told with the client request id %s', async (clientRequestId, expected) => {
    await createToken();
    running.eventGrid.updateSettings({ clientRequestId });
    await patchToken({ 'x-ms-client-request-id': 'my-request' });
    const [message] = await running.take(1);
    const { httpRequest } = message ? eventIn(message).data : {};
    expect((httpRequest as { clientRequestId?: string }).clientRequestId).toEqual(expected);
  });

  it('is told without a word of who did it when that is asked for', async () => {
    await createToken();
    running.eventGrid.updateSettings({ claims: 'none' });
    await patchToken();
    const [message] = await running.take(1);
    expect(message && eventIn(message).data).toMatchObject({ claims: {}, authorization: { evidence: {} } });
  });

  it('is not told when it failed or was refused', async () => {
    const { arm } = running.registry;
    await arm('/tokens/missing', { method: 'DELETE' });
    await arm('/tokens/first-token', { method: 'PUT', body: {} });
    await arm('/tokens', { method: 'GET' });
    const body = { properties: { scopeMapId: pullMap } };
    await arm('/tokens/first-token', { method: 'PUT', body, identity: identities.stranger });
    running.registry.running.updateSettings({ failedOperations: 1 });
    await arm('/tokens/first-token', { method: 'PUT', body });
    expect(await running.takeAll()).toEqual([]);
  });
});
