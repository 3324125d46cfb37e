import type { ActivityPorts, Trouble } from '../../../src/activities/activity-ports.ts';
import type { Configuration } from '../../../src/configuration/configuration.ts';
import { parseConfiguration } from '../../../src/configuration/read-configuration.ts';
import type { KeyturnEvent } from '../../../src/contracts/events.ts';
import type { PlanSettledRecord } from '../../../src/observability/plan-settled-record.ts';
import { start } from '../../lifecycle/build.ts';
import { MemoryClock } from './memory-clock.ts';
import { MemoryFindings } from './memory-findings.ts';
import { MemoryInventory, MemoryRequests } from './memory-inventory.ts';
import { MemoryLeases } from './memory-leases.ts';
import { MemoryRecords } from './memory-records.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { MemoryRegistryFindings } from './memory-registry-findings.ts';
import { MemoryVault } from './memory-vault.ts';

/** Asked right before and right after every call of a port; it may wait, or throw. */
export type Gate = (call: string) => Promise<void>;

/** Everything outside of the activities, in memory, on one clock that stands still until it is moved. */
export class MemoryCloud {
  readonly clock = new MemoryClock(start);
  readonly registry = new MemoryRegistry(this.clock);
  readonly vault = new MemoryVault(this.clock);
  readonly records = new MemoryRecords();
  readonly leases = new MemoryLeases(this.clock);
  readonly inventory = new MemoryInventory();
  readonly findings = new MemoryFindings();
  readonly registryFindings = new MemoryRegistryFindings();
  readonly requests = new MemoryRequests();
  readonly events: KeyturnEvent[] = [];
  readonly reports: Trouble[] = [];
  readonly settled: PlanSettledRecord[] = [];
  readonly configuration: Configuration;

  constructor(changes: ConfigurationChanges = {}) {
    this.configuration = configurationWith(changes);
  }

  /** The ports as one attempt of an activity has them. A pause takes no longer than the clock says. */
  ports(gate?: Gate): ActivityPorts {
    const { clock, registry, vault } = this;
    const behind = <Port extends object>(name: string, port: Port) => (gate ? gated(name, port, gate) : port);
    return {
      configuration: this.configuration,
      clock,
      registries: new Map([['contoso', behind('registry', registry)]]),
      loginServers: new Map([['contoso', behind('loginServer', registry)]]),
      vaults: new Map([['team-vault', behind('vault', vault)]]),
      records: behind('records', this.records),
      leases: behind('leases', this.leases),
      findings: behind('findings', this.findings),
      registryFindings: behind('registryFindings', this.registryFindings),
      inventory: behind('inventory', this.inventory),
      events: behind('events', { publish: async (event: KeyturnEvent) => void this.events.push(event) }),
      pause: async (milliseconds) => {
        clock.time += milliseconds;
        await gate?.('pause');
      },
      report: (trouble) => this.reports.push(trouble),
      tell: (settled) => this.settled.push(settled),
    };
  }
}

interface ConfigurationChanges {
  readonly registry?: Readonly<Record<string, unknown>>;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly entrances?: Readonly<Record<string, unknown>>;
}

const all = [
  'requested',
  'adoption-requested',
  'rotation-requested',
  'access-changed',
  'disable-requested',
  'enable-requested',
  'deletion-requested',
  'revocation-requested',
  'reinstatement-requested',
].map((name) => `keyturn.token.${name}`);

export function configurationWith({ registry, policy, entrances }: ConfigurationChanges): Configuration {
  const resourceId =
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/contoso';
  const allowing = {
    sources: ['*'],
    owners: ['team-*'],
    commands: all,
    registries: ['contoso'],
    tokens: ['team-*'],
    repositories: { 'team/*': ['content/read', 'content/write'], 'shared/*': ['content/read'] },
    scopeMaps: ['shared-read'],
    vault: 'team-vault',
    ...policy,
  };
  return parseConfiguration(
    JSON.stringify({
      registries: { contoso: { resourceId, settleAfter: 'PT10S', ...registry } },
      vaults: { 'team-vault': {} },
      entrances: { 'token-requests': { policy: allowing, urgentQueue: 'urgent' }, ...entrances },
    }),
  );
}

const asyncGeneratorFunction = Object.getPrototypeOf(async function* () {
  yield;
}).constructor;

function gated<Port extends object>(name: string, port: Port, gate: Gate): Port {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      if (value instanceof asyncGeneratorFunction)
        return async function* (...given: unknown[]) {
          const call = `${name}.${String(property)}`;
          await gate(`before ${call}`);
          yield* Reflect.apply(value, target, given);
          await gate(`after ${call}`);
        };
      return async (...given: unknown[]) => {
        const call = `${name}.${String(property)}`;
        await gate(`before ${call}`);
        const result: unknown = await Reflect.apply(value, target, given);
        await gate(`after ${call}`);
        return result;
      };
    },
  });
}
