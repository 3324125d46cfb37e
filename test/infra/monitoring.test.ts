import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reportedOperations } from '../../src/registry-activity/registry-report.ts';
import type { DeployedResource } from './bicep/deploy-resource.ts';
import { fieldsOf, listOf, textOf } from './bicep/values.ts';
import { deployKeyturn, localJson, ofType, theOnly, within } from './deployed-keyturn.ts';

const deployment = deployKeyturn({
  alertEmailAddresses: ['on-call@example.com'],
  archiveRetentionInDays: 30,
  alertSinks: [{ name: 'oncall', allowedHosts: ['hooks.example.com'], urlSecret: 'oncall-url' }],
});
const alerts = [
  ...ofType(deployment, 'Microsoft.Insights/metricAlerts'),
  ...ofType(deployment, 'Microsoft.Insights/scheduledQueryRules'),
];
const nameOf = ({ name }: DeployedResource) => name.replace(/^keyturn-(.*)-[a-z0-9]{13}$/, '$1');
const queryOf = (name: string) =>
  textOf(
    within(
      alerts.find((alert) => nameOf(alert) === name)?.body,
      ...['properties', 'criteria', 'allOf', 0, 'query'],
    ),
  );

describe('the alert rules', () => {
  it('are evaluated by Azure Monitor and call the action group', () => {
    expect(alerts.map(nameOf)).toEqual([
      'critical-event',
      'rejected-message',
      'dead-letter',
      'waiting-command',
      'put-off-command',
      'no-heartbeat',
      'no-reconcile',
      'critical-alert',
      'warning-alert',
      'credential-deadline',
      'failed-orchestration',
      'unarchived-event',
      'access-denied',
      'vault-access-denied',
    ]);
    const { id } = theOnly(deployment, 'Microsoft.Insights/actionGroups');
    for (const { body } of alerts) {
      expect(body.properties).toMatchObject({ enabled: true, autoMitigate: true });
      expect(JSON.stringify(within(body, 'properties', 'actions'))).toContain(id);
    }
  });

  it('watch queues that are there, and the queues of every entrance', () => {
    const queues = ofType(deployment, 'Microsoft.ServiceBus/namespaces/queues').map(({ name }) =>
      textOf(name.split('/').at(-1)),
    );
    const watched = new Map(
      ofType(deployment, 'Microsoft.Insights/metricAlerts').map((alert) => {
        const path = ['properties', 'criteria', 'allOf', 0, 'dimensions', 0, 'values'] as const;
        return [nameOf(alert), listOf(within(alert.body, ...path)).map(textOf)] as const;
      }),
    );
    for (const names of watched.values()) for (const name of names) expect([...queues, '*']).toContain(name);
    const entrances = Object.keys(fieldsOf(localJson('keyturn/configuration.json').entrances));
    for (const rule of ['waiting-command', 'put-off-command'])
      expect(watched.get(rule)).toEqual(expect.arrayContaining([...entrances, 'token-requests-urgent']));
  });

  it('ask the logs for words that Keyturn writes', () => {
    const [, timer] = /Name == "(\w+)"/.exec(queryOf('no-reconcile')) ?? [];
    expect(readFileSync('functions/reconcile.ts', 'utf8')).toContain(`timer('${timer}'`);
    const [, archive] = /Name == "(\w+)"/.exec(queryOf('unarchived-event')) ?? [];
    expect(readFileSync('functions/archive.ts', 'utf8')).toContain(`generic('${archive}'`);
    const [, code] = /has "(\w+)"/.exec(queryOf('access-denied')) ?? [];
    expect(readFileSync('src/adapters/azure-error.ts', 'utf8')).toContain(`403: '${code}'`);
  });

  it('mail to those who are named', () => {
    const group = theOnly(deployment, 'Microsoft.Insights/actionGroups');
    const [receiver] = listOf(within(group.body, 'properties', 'emailReceivers'));
    expect(receiver).toMatchObject({ emailAddress: 'on-call@example.com' });
  });
});

describe('the logs', () => {
  it('of everything that can be misused go to the workspace', () => {
    const { id } = theOnly(deployment, 'Microsoft.OperationalInsights/workspaces');
    const settings = ofType(deployment, 'Microsoft.Insights/diagnosticSettings');
    for (const { body } of settings) expect(within(body, 'properties', 'workspaceId')).toBe(id);
    const logged = settings.map(({ id: own }) => own.split('/providers/Microsoft.Insights/')[0]);
    for (const type of [
      'Microsoft.KeyVault/vaults',
      'Microsoft.ContainerRegistry/registries',
      'Microsoft.ServiceBus/namespaces',
      'Microsoft.Storage/storageAccounts/blobServices',
      'Microsoft.Storage/storageAccounts/queueServices',
      'Microsoft.Storage/storageAccounts/tableServices',
    ])
      for (const resource of ofType(deployment, type)) expect(logged).toContain(resource.id);
  });
});

describe('the workbook', () => {
  it('asks the workspace, in the form that Azure Monitor reads', () => {
    const { body } = theOnly(deployment, 'Microsoft.Insights/workbooks');
    const { id } = theOnly(deployment, 'Microsoft.OperationalInsights/workspaces');
    expect(body).toMatchObject({ kind: 'shared', properties: { category: 'workbook', sourceId: id } });
    const content = JSON.parse(textOf(within(body, 'properties', 'serializedData')));
    expect(content).toMatchObject({ version: 'Notebook/1.0', fallbackResourceIds: [id] });
    expect(content.items.length).toBeGreaterThan(5);
  });
});

describe('the reports on the registries', () => {
  it('are of the operations that Keyturn looks at, and go to its queue by identity', () => {
    const { body } = theOnly(deployment, 'Microsoft.EventGrid/systemTopics/eventSubscriptions');
    const [filter] = listOf(within(body, 'properties', 'filter', 'advancedFilters')).map(fieldsOf);
    expect(filter).toMatchObject({ operatorType: 'StringIn', key: 'data.operationName' });
    expect(listOf(filter?.values).toSorted()).toEqual(Object.values(reportedOperations).toSorted());
    const delivery = within(body, 'properties', 'deliveryWithResourceIdentity');
    expect(delivery).toMatchObject({
      identity: { type: 'SystemAssigned' },
      destination: { endpointType: 'ServiceBusQueue' },
    });
    const queue = textOf(within(delivery, 'destination', 'properties', 'resourceId'));
    expect(queue.endsWith('/queues/registry-activity')).toBe(true);
  });

  it('are left out where they are not wanted', () => {
    const without = deployKeyturn({ registryEvents: false });
    expect(ofType(without, 'Microsoft.EventGrid/systemTopics')).toEqual([]);
    expect(ofType(without, 'Microsoft.EventGrid/systemTopics/eventSubscriptions')).toEqual([]);
  });
});
