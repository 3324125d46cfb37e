import { join } from 'node:path';
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import type { RunningPart } from '../../../infra/local/part.ts';
import { startStorage } from '../../../infra/local/storage/start-storage.ts';
import { identities, type LocalCloud, openLocalCloud } from '../identity/local-cloud.ts';
import { rejectionOf } from '../rejection-of.ts';

/** What an error of the official client says. */
export interface StorageFailure {
  readonly statusCode: number | undefined;
  /** The service's code, which the client of tables leaves in the parsed body. */
  readonly code: string | undefined;
  readonly message: string;
}

export interface StorageUnderTest {
  readonly cloud: LocalCloud;
  readonly storage: RunningPart;
  readonly endpoint: Readonly<Record<'blob' | 'queue' | 'table', string>>;
  /** The official client of a table, which tries once unless told otherwise. */
  table(name: string, options?: TableServiceClientOptions, identity?: Identity): TableClient;
  close(): Promise<void>;
}

/** Starts storage in a cloud of its own, or in one that was there before. */
export async function startStorageUnderTest(earlier?: LocalCloud): Promise<StorageUnderTest> {
  const cloud = earlier ?? (await openLocalCloud());
  const address = { host: '127.0.0.1', port: 0 };
  const storage = await startStorage({
    addresses: { blob: address, queue: address, table: address },
    context: cloud,
    certificates: cloud.certificates,
    accessTokens: cloud.accessTokens,
    dataFolder: join(cloud.folder, 'storage'),
  });
  const {
    STORAGE_BLOB_ENDPOINT: blob = '',
    STORAGE_QUEUE_ENDPOINT: queue = '',
    STORAGE_TABLE_ENDPOINT: table = '',
  } = storage.environment;
  return {
    cloud,
    storage,
    endpoint: { blob, queue, table },
    table: (name, options = {}, identity = identities.operator) =>
      new TableClient(table, name, cloud.credential(identity), {
        tlsOptions: { ca: cloud.certificates.authority },
        retryOptions: { maxRetries: 0 },
        ...options,
      }),
    close: async () => {
      await storage.close();
      await cloud.close();
    },
  };
}

/** What the official client says when a call fails; a call that succeeds is an error. */
export async function failureOf(call: Promise<unknown>): Promise<StorageFailure> {
  const error = await rejectionOf(call);
  const { statusCode, code, details } = error as {
    statusCode?: number;
    code?: string;
    details?: { odataError?: { code?: string } };
  };
  if (statusCode === undefined && code === undefined) throw error;
  return { statusCode, code: details?.odataError?.code ?? code, message: error.message };
}
