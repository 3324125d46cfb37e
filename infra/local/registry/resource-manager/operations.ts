import { randomUUID } from 'node:crypto';
import type { RegistryStore } from '../registry-store.ts';

type OperationVerb = 'Creating' | 'Updating' | 'Deleting' | 'Generating';

/** A long-running operation. Its effect, if it has one, is there from the start. */
export interface Operation {
  /** `token-` or `registries-` and a GUID. */
  readonly id: string;
  readonly verb: OperationVerb;
  readonly resourceId: string;
  /** Why it failed and changed nothing. */
  readonly failure: { code: string; message: string } | undefined;
  /** What polling gives in the end, where that is more than a status. */
  result: unknown;
  readonly endsAt: number;
  pollsLeft: number;
}

/** An operation that nobody polls is done after this time: the recorded ones were by their second poll, after 10 seconds. */
const unpolledMilliseconds = 10_000;
const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const mostOperations = 20_000;

/** The long-running operations that were started. */
export class Operations {
  readonly #store: RegistryStore;
  readonly #byId = new Map<string, Operation>();
  readonly #byResource = new Map<string, Operation>();

  constructor(store: RegistryStore) {
    this.#store = store;
  }

  /** Decides whether the operation fails; the caller changes nothing if it does. */
  start(start: {
    verb: OperationVerb;
    resourceId: string;
    prefix: 'token' | 'registries';
    clientRequestId: string | undefined;
  }): Operation {
    const { pollsUntilDone, failedOperationCode } = this.#store.settings;
    const operation: Operation = {
      id: `${start.prefix}-${guidOf(start.clientRequestId)}`,
      verb: start.verb,
      resourceId: start.resourceId,
      failure: this.#store.takeFailure()
        ? { code: failedOperationCode, message: `The operation on ${start.resourceId} failed.` }
        : undefined,
      result: undefined,
      endsAt: this.#store.clock.now().getTime() + unpolledMilliseconds,
      pollsLeft: pollsUntilDone,
    };
    this.#keep(operation);
    return operation;
  }

  find(id: string): Operation | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  /** Whether the operation was still running when this poll came. */
  poll(operation: Operation): boolean {
    const running = this.#isRunning(operation);
    operation.pollsLeft -= 1;
    return running;
  }

  /** The provisioning state of a resource. */
  stateOf(resourceId: string): OperationVerb | 'Succeeded' | 'Failed' {
    const operation = this.#byResource.get(resourceId.toLowerCase());
    if (!operation) return 'Succeeded';
    if (this.#isRunning(operation)) return operation.verb;
    return operation.failure ? 'Failed' : 'Succeeded';
  }

  /** Counts a read of a resource as a poll, for clients that were given nothing else to poll. */
  pollByReading(resourceId: string): void {
    const operation = this.#byResource.get(resourceId.toLowerCase());
    if (operation) this.poll(operation);
  }

  reset(): void {
    this.#byId.clear();
    this.#byResource.clear();
  }

  #isRunning(operation: Operation): boolean {
    return operation.pollsLeft > 0 && this.#store.clock.now().getTime() < operation.endsAt;
  }

  #keep(operation: Operation): void {
    keepLatest(this.#byId, operation.id, operation);
    keepLatest(this.#byResource, operation.resourceId, operation);
  }
}

function keepLatest(operations: Map<string, Operation>, name: string, operation: Operation): void {
  const key = name.toLowerCase();
  operations.delete(key);
  operations.set(key, operation);
  for (const oldest of operations.keys()) {
    if (operations.size <= mostOperations) return;
    operations.delete(oldest);
  }
}

function guidOf(clientRequestId: string | undefined): string {
  return clientRequestId && guidPattern.test(clientRequestId) ? clientRequestId : randomUUID();
}
