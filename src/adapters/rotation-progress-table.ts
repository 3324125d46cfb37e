import type { TableClient } from '@azure/data-tables';
import { z } from 'zod';
import { instantSchema } from '../contracts/instants.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  RotationProgress,
  RotationProgressStore,
  StoredRotationProgress,
} from '../ports/rotation-progress.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { Caller } from './call.ts';
import type { Row } from './record-rows.ts';
import { callTable, recordsCaller } from './record-tables.ts';
import { listRows } from './table-pages.ts';

const partitionKey = 'rotation';

const progressSchema = z.object({
  recurrence: z.string(),
  doneUpTo: instantSchema,
  run: z
    .object({ occurrence: instantSchema, registry: z.string().optional(), token: z.string().optional() })
    .optional(),
});

/** The progress of rotation schedules, a row for each in one partition. */
export class RotationProgressTable implements RotationProgressStore {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
  }

  async listProgress(): Promise<StoredRotationProgress[]> {
    const filter = `PartitionKey eq '${partitionKey}'`;
    const stored: StoredRotationProgress[] = [];
    for await (const row of listRows(this.#table, this.#caller, 'listProgress', filter))
      stored.push(storedProgress(row));
    return stored;
  }

  async saveProgress(
    schedule: string,
    progress: RotationProgress,
    earlier: StoredRotationProgress | undefined,
  ): Promise<StoredRotationProgress | undefined> {
    const entity = { partitionKey, rowKey: schedule, progress: JSON.stringify(progress) };
    const etag = await this.#unlessChanged('saveProgress', async (abortSignal) => {
      const written = earlier
        ? await this.#table.updateEntity(entity, 'Replace', { etag: earlier.etag, abortSignal })
        : await this.#table.createEntity(entity, { abortSignal });
      return written.etag ?? '';
    });
    return etag === undefined ? undefined : { schedule, progress, etag };
  }

  async forgetProgress({ schedule, etag }: StoredRotationProgress): Promise<void> {
    await this.#unlessChanged('forgetProgress', (abortSignal) =>
      this.#table.deleteEntity(partitionKey, schedule, { etag, abortSignal }),
    );
  }

  /** Undefined if the row is no longer as it was read, be it by a first try of our own. */
  async #unlessChanged<Result>(
    operation: string,
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      return await callTable(this.#table, this.#caller, operation, call);
    } catch (error) {
      if (isFailure(error, 'conditionNotMet', 'alreadyExists', 'notFound')) return undefined;
      throw error;
    }
  }
}

function storedProgress(row: Row): StoredRotationProgress {
  const { run, ...progress } = progressSchema.parse(JSON.parse(String(row.progress)));
  return {
    schedule: String(row.rowKey),
    progress: { ...progress, ...(run ? { run: withoutUndefined(run) } : {}) },
    etag: String(row.etag),
  };
}

function withoutUndefined({
  occurrence,
  registry,
  token,
}: NonNullable<z.output<typeof progressSchema>['run']>) {
  return {
    occurrence,
    ...(registry === undefined ? {} : { registry }),
    ...(token === undefined ? {} : { token }),
  };
}
