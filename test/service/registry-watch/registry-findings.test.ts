import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventSchema } from '../../../src/contracts/events.ts';
import type { RegistryFinding } from '../../../src/contracts/findings.ts';
import { Requester } from '../commands/requester.ts';
import { Intruder } from '../findings/intruder.ts';
import { RunningService } from '../running-service.ts';
import { other, RegistryEvents, watchClosely, withOtherRegistry } from './watched-service.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let told: RegistryEvents;
let person: Intruder;
let template: Intruder;
const group = 'registries';

beforeAll(async () => {
  service = await RunningService.start({
    changeCloud: withOtherRegistry,
    changeConfiguration: (configuration) => {
      watchClosely(configuration);
      const { contoso } = configuration.registries;
      if (!contoso) throw new Error('The shipped configuration has no registry contoso.');
      contoso.ignoredTokens = ['legacy-*'];
      const resourceId = contoso.resourceId.replace(/contoso$/, other);
      configuration.registries[other] = { resourceId, loginServer: 'localhost:1', ignoredTokens: ['*'] };
    },
  });
  requester = await Requester.open(service);
  told = new RegistryEvents(requester.messages);
  person = await Intruder.enter(service, 'administrator');
  template = await Intruder.enter(service, 'operator');
});
afterAll(async () => {
  await requester?.messages.close();
  await service?.close();
});

/** What was told, and how long after the deed, which is printed. */
async function noticed(finding: RegistryFinding, about: string, number = 1) {
  const since = performance.now();
  const event = await told.told(finding, about, number);
  process.stdout.write(`${finding} noticed after ${Math.round(performance.now() - since)} ms\n`);
  expect(eventSchema.safeParse(event).error?.issues ?? []).toEqual([]);
  return event;
}

const person_ = { kind: 'user', name: 'ada.bauer@contoso.example', correlationId: expect.any(String) };

describe('a token that nobody manages', () => {
  it('is critical if it can change images, with who made it', async () => {
    await person.makeToken('stray-push', '_repositories_push');
    const { severity, drift, data } = await noticed('unmanagedToken', 'stray-push');
    expect({ severity, ...data }).toMatchObject({ severity: 'critical', registry: 'contoso' });
    expect(drift).toMatchObject({
      cause: 'person',
      actor: person_,
      noticedBy: 'report',
      done: 'nothing',
      differences: [
        { what: 'systemScopeMap', found: '_repositories_push' },
        { what: 'writes', found: 'repositories/*/content/write' },
      ],
    });
    expect(drift.evidence.join(' ')).toContain('ada.bauer@contoso.example wrote the token');
  });

  it('is a warning if it can only read, and over when it is gone', async () => {
    await template.registry.scopeMaps.create(group, 'contoso', 'stray-map', {
      actions: ['repositories/teams/web/content/read'],
    });
    await template.makeToken('stray-pull', 'stray-map');
    const { severity, drift } = await noticed('unmanagedToken', 'stray-pull');
    expect({ severity, ...drift }).toMatchObject({ severity: 'warning', cause: 'automation' });
    await template.delete('stray-pull');
    await told.over('unmanagedToken', 'stray-pull');
  });

  it('is left alone if its name is ignored, or it belongs to a connected registry', async () => {
    await person.registry.scopeMaps.create(group, 'contoso', 'branch-sync', {
      actions: ['gateway/branch/config/read', 'repositories/*/content/write'],
    });
    await person.makeToken('branch-sync-token', 'branch-sync');
    await person.makeToken('legacy-build', '_repositories_admin');
    await person.makeToken('stray-last', '_repositories_admin');
    await told.told('unmanagedToken', 'stray-last');
    expect(told.detected('unmanagedToken', 'branch-sync-token')).toEqual([]);
    expect(told.detected('unmanagedToken', 'legacy-build')).toEqual([]);
  });
});

describe('a way into the registry past its tokens', () => {
  it('is critical: the admin user, and who has read its passwords', async () => {
    await person.registry.registries.update(group, 'contoso', { adminUserEnabled: true });
    const on = await noticed('registryBackDoor', 'contoso');
    expect(on.severity).toBe('critical');
    expect(on.drift).toMatchObject({ actor: person_, differences: [{ what: 'adminUser', found: 'on' }] });
    await template.registry.registries.listCredentials(group, 'contoso');
    const read = await noticed('registryBackDoor', 'contoso', 2);
    expect(read.drift.differences).toContainEqual({ what: 'adminPasswords', found: 'listed' });
    expect(read.drift).toMatchObject({ since: on.drift.since, cause: 'automation' });
    await template.registry.registries.regenerateCredential(group, 'contoso', { name: 'password' });
    const made = await noticed('registryBackDoor', 'contoso', 3);
    expect(made.drift.differences).toContainEqual({ what: 'adminPasswords', found: 'regenerated' });
    await person.registry.registries.update(group, 'contoso', { adminUserEnabled: false });
    await told.over('registryBackDoor', 'contoso');
  });

  it('is anonymous pull', async () => {
    await person.registry.registries.update(group, 'contoso', { anonymousPullEnabled: true });
    const { severity, drift } = await noticed('registryBackDoor', 'contoso', 4);
    expect({ severity, ...drift }).toMatchObject({
      severity: 'critical',
      differences: [{ what: 'anonymousPull', found: 'on' }],
    });
    await person.registry.registries.update(group, 'contoso', { anonymousPullEnabled: false });
    await told.over('registryBackDoor', 'contoso', 2);
  });

  it('is a network that was closed when the registry was seen first', async () => {
    const { registries } = person.registry;
    const closed = { publicNetworkAccess: 'Disabled', networkRuleSet: { defaultAction: 'Deny' } };
    await registries.update(group, other, closed);
    await seenFirst();
    await registries.update(group, other, { publicNetworkAccess: 'Enabled' });
    const { severity, drift } = await noticed('registryBackDoor', other);
    expect({ severity, ...drift }).toMatchObject({
      severity: 'warning',
      differences: [{ what: 'publicNetworkAccess', believed: 'off', found: 'on' }],
    });
    await registries.update(group, other, { publicNetworkAccess: 'Disabled' });
    await told.over('registryBackDoor', other);
  });
});

/** Until Keyturn has seen the other registry, as a report made it. */
async function seenFirst(): Promise<void> {
  const [host] = service.hosts;
  await host?.log.until('the registry was seen', () =>
    host.log.saidBy('registryActivity').some((line) => line.includes(`"registry":"${other}"`)),
  );
}
