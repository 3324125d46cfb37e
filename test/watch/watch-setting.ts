import { inventoryRow } from '../../src/activities/inventory-row.ts';
import type { Registry } from '../../src/configuration/configuration.ts';
import type { EventOf } from '../../src/contracts/events.ts';
import { digestOfActions } from '../../src/lifecycle/drift/believed.ts';
import { tagsOf } from '../../src/lifecycle/secret-tags.ts';
import type { StateOf, TokenIdentity } from '../../src/lifecycle/state.ts';
import type { OutgoingMessage, SetAsideReason } from '../../src/ports/message-sender.ts';
import type { ReportPorts } from '../../src/registry-activity/take-reports.ts';
import { MemoryCloud } from '../activities/memory/memory-cloud.ts';
import { MemoryNotes } from '../activities/memory/memory-notes.ts';
import { MemoryRegistryFindings } from '../activities/memory/memory-registry-findings.ts';
import { active, at, day, identity, managed } from '../lifecycle/build.ts';

const shared = {
  name: 'shared-read',
  description: '',
  system: false,
  actions: ['repositories/shared/*/content/read'],
};

/** Somebody who is stopped: nothing that he does after this has an effect. */
export class Stopped extends Error {}

/** A registry with tokens that Keyturn manages, all in memory and as it believes them to be. */
export class WatchSetting {
  readonly cloud: MemoryCloud;
  readonly notes = new MemoryNotes();
  readonly registryFindings = new MemoryRegistryFindings();
  readonly woken: string[] = [];
  readonly setAside: (OutgoingMessage & SetAsideReason)[] = [];
  readonly sentLater: string[] = [];

  constructor(registry: Readonly<Record<string, unknown>> = {}) {
    this.cloud = new MemoryCloud({ registry });
    this.cloud.registry.scopeMaps.set(shared.name, shared);
    this.cloud.clock.time = Date.parse(at(day));
    this.heard(at(0));
  }

  /** As if Azure's last report was about something that happened then. */
  heard(lastAt: string): void {
    this.notes.notes.set('contoso reports', { value: { lastAt }, etag: crypto.randomUUID() });
  }

  get registry(): Registry {
    const registry = this.cloud.configuration.registries.get('contoso');
    if (!registry) throw new Error('There is no registry contoso.');
    return registry;
  }

  get now(): string {
    return this.cloud.clock.instant();
  }

  /** @param gate asked before each call of a port, with its name */
  ports(gate: (call: string) => Promise<void> = async () => undefined): ReportPorts {
    const { cloud } = this;
    const behind = <Port extends object>(name: string, port: Port) => gated(name, port, gate);
    const { configuration, clock, pause } = cloud.ports();
    return {
      configuration,
      clock,
      pause,
      registries: new Map([['contoso', behind('registry', cloud.registry)]]),
      vaults: new Map([['team-vault', behind('vault', cloud.vault)]]),
      records: behind('records', cloud.records),
      inventory: behind('inventory', cloud.inventory),
      findings: behind('findings', cloud.findings),
      registryFindings: behind('registryFindings', this.registryFindings),
      notes: behind('notes', this.notes),
      events: behind('events', { publish: async (event) => void cloud.events.push(event) }),
      lifecycles: behind('lifecycles', {
        standing: async () => 'running' as const,
        start: async () => 'started' as const,
        wake: async ({ token }: TokenIdentity) => void this.woken.push(token),
      }),
      messages: behind('messages', {
        sendLater: async (_queue, _message, dueAt) => void this.sentLater.push(dueAt),
        setAside: async (message: OutgoingMessage, why: SetAsideReason) =>
          void this.setAside.push({ ...message, ...why }),
        send: async () => undefined,
      }),
    };
  }

  /** A managed token, with all that belongs to it in registry, vault, record and inventory. */
  add(token: string, changes: Partial<StateOf<'active'>> = {}): StateOf<'active'> {
    const { registry, vault } = this.cloud;
    const secretName = `acr-contoso--${token}`;
    const delivery = { ...managed().delivery, secretName };
    const state = active({ identity: { ...identity, token }, managed: managed({ delivery }), ...changes });
    const { password1 } = state.credentials;
    if (!password1) throw new Error('There is no credential.');
    const { slotCreatedAt: createdAt, expiresAt } = password1;
    const passwords = new Map([['password1', { value: 'v', createdAt, expiresAt }]] as const);
    registry.tokens.set(token, { enabled: true, scopeMap: state.managed.access.scopeMap, passwords });
    const tags = tagsOf(state.identity, state.managed, password1);
    const version = { version: '1', createdAt, enabled: true, expiresAt, tags, value: 'v', contentType: 'x' };
    vault.secrets.set(secretName, { deleted: false, versions: [version] });
    this.put(state);
    return state;
  }

  /** As if the token's lifecycle had settled. */
  put(state: StateOf<'active'>): void {
    const { token } = state.identity;
    this.cloud.records.put(state);
    this.cloud.inventory.rows.set(`contoso/${token}`, {
      row: inventoryRow(state, undefined, this.now),
      etag: crypto.randomUUID(),
    });
  }

  addUnmanaged(token: string, scopeMap: string): void {
    this.cloud.registry.tokens.set(token, { enabled: true, scopeMap, passwords: new Map() });
  }

  /** Those with an observation that waits for their lifecycles. */
  observed(): string[] {
    return [...this.cloud.records.partitions]
      .filter(([, { observed }]) => observed)
      .map(([key]) => key.split('~')[1] ?? '')
      .sort();
  }

  /** What was told, such as `registryBackDoor` or `the end of unmanagedToken stray`; of each event once. */
  told(): string[] {
    const events = new Map(this.cloud.events.map((event) => [event.id, event]));
    return [...events.values()].map(({ type, data }) => {
      const { token } = data;
      const about = token === undefined ? '' : ` ${token}`;
      if (type === 'keyturn.registry.drift-detected')
        return `${(data as EventOf<typeof type>['data']).drift.finding}${about}`;
      return 'finding' in data ? `the end of ${data.finding}${about}` : type;
    });
  }
}

/** What an own scope map of a token is believed to grant. */
export const grants = (...actions: string[]) => digestOfActions(actions);

/** A list is asked for when its first item is. */
function gated<Port extends object>(name: string, port: Port, gate: (call: string) => Promise<void>): Port {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      const call = `${name}.${String(property)}`;
      if (value.constructor.name === 'AsyncGeneratorFunction')
        return async function* (...given: unknown[]) {
          await gate(call);
          yield* Reflect.apply(value, target, given);
        };
      return async (...given: unknown[]) => {
        await gate(call);
        const result: unknown = await Reflect.apply(value, target, given);
        await gate(`${call} done`);
        return result;
      };
    },
  });
}
