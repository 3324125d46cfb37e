import type { TableClient } from '@azure/data-tables';
import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import { isFailure, ServiceFailure } from '../ports/service-failure.ts';
import type { Lease, LeaseRequest, TokenLeases } from '../ports/token-leases.ts';
import type { Caller } from './call.ts';
import { partitionOf } from './record-rows.ts';
import { callTable, orUndefined, recordsCaller } from './record-tables.ts';

interface LeaseRow {
  readonly holder: string;
  readonly until: Instant;
  readonly etag: string;
}

/** The key of a lease's row. */
export const leaseRow = 'lease';
/** So often somebody else may be faster before we give up. */
const mostTries = 5;

/** Leases in the records' table, one row for each token. */
export class TokenLeasesTable implements TokenLeases {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
  }

  async takeLease(
    token: TokenIdentity,
    request: LeaseRequest,
  ): Promise<{ taken: true; lease: Lease } | { taken: false; until: Instant }> {
    // A free lease has no row: so mostly it is taken without a look.
    const free = await this.#write('takeLease', token, request, undefined);
    if (free) return { taken: true, lease: free };
    for (let tries = 0; tries < mostTries; tries += 1) {
      const row = await this.#read('takeLease', token);
      const now = this.#caller.clock.now().toISOString();
      if (row && row.until > now && row.holder !== request.holder) return { taken: false, until: row.until };
      const lease = await this.#write('takeLease', token, request, row);
      if (lease) return { taken: true, lease };
    }
    throw new ServiceFailure({ service: 'records', operation: 'takeLease', code: 'conflict' });
  }

  async takeOverLease(token: TokenIdentity, { holder, until }: LeaseRequest): Promise<Lease> {
    const partitionKey = partitionOf(token);
    const etag = await callTable(this.#table, this.#caller, 'takeOverLease', async (abortSignal) => {
      const entity = { partitionKey, rowKey: leaseRow, holder, until };
      const written = await this.#table.upsertEntity(entity, 'Replace', { abortSignal });
      return written.etag;
    });
    return { token, holder, until, etag: etag ?? '' };
  }

  async renewLease(lease: Lease, until: Instant): Promise<Lease | undefined> {
    const { token, holder } = lease;
    const renewed = await this.#write('renewLease', token, { holder, until }, lease);
    if (renewed) return renewed;
    const row = await this.#read('renewLease', token);
    return row?.holder === holder ? this.#write('renewLease', token, { holder, until }, row) : undefined;
  }

  async releaseLease({ token, etag }: Lease): Promise<void> {
    try {
      await callTable(this.#table, this.#caller, 'releaseLease', (abortSignal) =>
        this.#table.deleteEntity(partitionOf(token), leaseRow, { etag, abortSignal }),
      );
    } catch (error) {
      if (!isFailure(error, 'conditionNotMet', 'notFound')) throw error;
    }
  }

  /** The lease as written; undefined if the row is no longer as it was read, be it by a first try of our own. */
  async #write(
    operation: string,
    token: TokenIdentity,
    { holder, until }: LeaseRequest,
    earlier: Pick<LeaseRow, 'etag'> | undefined,
  ): Promise<Lease | undefined> {
    const entity = { partitionKey: partitionOf(token), rowKey: leaseRow, holder, until };
    try {
      const etag = await callTable(this.#table, this.#caller, operation, async (abortSignal) => {
        const written = earlier
          ? await this.#table.updateEntity(entity, 'Replace', { etag: earlier.etag, abortSignal })
          : await this.#table.createEntity(entity, { abortSignal });
        return written.etag;
      });
      return { token, holder, until, etag: etag ?? '' };
    } catch (error) {
      if (isFailure(error, 'conditionNotMet', 'alreadyExists', 'notFound')) return undefined;
      throw error;
    }
  }

  async #read(operation: string, token: TokenIdentity): Promise<LeaseRow | undefined> {
    return callTable(this.#table, this.#caller, operation, (abortSignal) =>
      orUndefined(
        this.#table.getEntity<{ holder: string; until: string }>(partitionOf(token), leaseRow, {
          abortSignal,
        }),
      ),
    );
  }
}
