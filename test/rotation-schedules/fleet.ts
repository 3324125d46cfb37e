import { parseConfiguration } from '../../src/configuration/read-configuration.ts';
import type { TokenIdentity } from '../../src/lifecycle/state.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import type { Lifecycles } from '../../src/ports/lifecycles.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import type { RotationSchedulePorts } from '../../src/rotation-schedules/rotation-schedule-ports.ts';
import {
  runRotationSchedules,
  type ScheduleReport,
} from '../../src/rotation-schedules/run-rotation-schedules.ts';
import { MemoryClock } from '../activities/memory/memory-clock.ts';
import { MemoryInventory, MemoryRequests } from '../activities/memory/memory-inventory.ts';
import { MemoryRecords } from '../activities/memory/memory-records.ts';
import { start } from '../lifecycle/build.ts';
import { MemoryRotationProgress } from './memory-rotation-progress.ts';

const resourceId = (name: string) =>
  `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/${name}`;

function configurationWith(rotationSchedules: object) {
  const policy = {
    sources: ['*'],
    owners: ['*'],
    commands: ['keyturn.token.requested'],
    registries: ['contoso', 'fabrikam'],
    tokens: ['*'],
    vault: 'team-vault',
  };
  return parseConfiguration(
    JSON.stringify({
      registries: {
        fabrikam: { resourceId: resourceId('fabrikam') },
        contoso: { resourceId: resourceId('contoso') },
      },
      vaults: { 'team-vault': {} },
      entrances: { 'token-requests': { policy }, partners: { policy } },
      rotationSchedules,
    }),
  );
}

/** Tokens in memory, with the records and lifecycles that rotation schedules act on. */
export class Fleet {
  readonly clock = new MemoryClock(start);
  readonly inventory = new MemoryInventory();
  readonly records = new MemoryRecords();
  readonly requests = new MemoryRequests();
  readonly rotationProgress = new MemoryRotationProgress();
  /** Lifecycles in the order in which they were woken. */
  readonly woken: string[] = [];
  /** Of tokens whose lifecycles cannot be reached. */
  readonly unreachable = new Set<string>();
  schedules: object;
  /** Asked before every call of a port; it may throw. */
  gate: (call: string) => void = () => {};

  constructor(schedules: object) {
    this.schedules = schedules;
  }

  async add(...rows: readonly (Partial<InventoryRow> & { readonly token: string })[]): Promise<void> {
    for (const row of rows) {
      const filled: InventoryRow = {
        registry: 'contoso',
        status: 'active',
        plan: 1,
        entrance: 'token-requests',
        owner: 'team-web',
        ...row,
      };
      await this.inventory.writeRow(filled, undefined);
    }
  }

  /** What one invocation of the timer reports. */
  async run(now: string): Promise<ScheduleReport[]> {
    const reports: ScheduleReport[] = [];
    for await (const report of runRotationSchedules(now, this.ports())) reports.push(report);
    return reports;
  }

  ports(): RotationSchedulePorts {
    return {
      configuration: configurationWith(this.schedules),
      clock: this.clock,
      rotationProgress: this.#gated('rotationProgress', this.rotationProgress),
      inventory: this.#gated('inventory', this.inventory),
      records: this.#gated('records', this.records),
      requests: this.#gated('requests', this.requests),
      lifecycles: this.#gated('lifecycles', this.#lifecycles()),
    };
  }

  /** `registry/token` of every token with the ids of the commands that were posted to it. */
  posted(): Record<string, string[]> {
    const entries = [...this.records.partitions].flatMap(([key, { commands }]) =>
      commands.size > 0
        ? [[key.replace('.azurecr.io~', '/'), [...commands.values()].map(({ status }) => status.id)] as const]
        : [],
    );
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #lifecycles(): Lifecycles {
    return {
      standing: async () => 'running',
      start: async () => 'exists',
      wake: async ({ registry, token }: TokenIdentity) => {
        if (this.unreachable.has(token))
          throw new ServiceFailure({ service: 'orchestrations', operation: 'wake', code: 'unavailable' });
        this.woken.push(`${registry}/${token}`);
      },
    };
  }

  #gated<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          this.gate(`${name}.${String(property)}`);
          return Reflect.apply(value, target, given);
        };
      },
    });
  }
}
