import type { TokenCredential } from '@azure/identity';
import type { ContainerClient } from '@azure/storage-blob';
import type { Clock } from '../ports/clock.ts';
import type { EventArchive } from '../ports/event-archive.ts';
import { type Caller, callRepeatably } from './call.ts';
import { codesOf } from './error-fields.ts';

export interface EventArchiveOptions {
  /** Of the blob service, such as `https://starchive.blob.core.windows.net`. */
  readonly endpoint: string;
  readonly container: string;
  readonly credential: TokenCredential;
  readonly clock: Clock;
}

const timeLimit = 20_000;

/**
 * What Azure says of a blob that is there already. It is not documented whether it says so of one that the container's
 * policy keeps, or rather that the policy does not permit it, which it may also say of a blob that is not there.
 */
const alreadyThere = 'BlobAlreadyExists';
const notPermitted = 'BlobImmutableDueToPolicy';

/** A blob for each document in a container that is made with the infrastructure, never by Keyturn. */
export class EventArchiveBlobs implements EventArchive {
  readonly #options: EventArchiveOptions;
  readonly #caller: Caller;
  #opened: Promise<ContainerClient> | undefined;

  constructor(options: EventArchiveOptions) {
    this.#options = options;
    this.#caller = { service: 'archive', clock: options.clock, timeLimit };
  }

  async keep(name: string, body: Uint8Array): Promise<boolean> {
    this.#opened ??= openContainer(this.#options);
    const blob = (await this.#opened).getBlockBlobClient(name);
    const content = Buffer.from(body);
    return callRepeatably(this.#caller, 'keep', {}, async (abortSignal) => {
      try {
        await blob.upload(content, content.length, {
          abortSignal,
          conditions: { ifNoneMatch: '*' },
          blobHTTPHeaders: { blobContentType: 'application/cloudevents+json' },
        });
        return true;
      } catch (error) {
        const codes = codesOf(error);
        if (codes.includes(alreadyThere)) return false;
        if (codes.includes(notPermitted) && (await blob.exists({ abortSignal }))) return false;
        throw error;
      }
    });
  }
}

/** The client is large, and most deployments have no archive: so it is loaded with the first event, not with the app. */
async function openContainer({
  endpoint,
  container,
  credential,
}: EventArchiveOptions): Promise<ContainerClient> {
  const { ContainerClient } = await import('@azure/storage-blob');
  const address = `${endpoint.replace(/\/$/, '')}/${container}`;
  return new ContainerClient(address, credential, { retryOptions: { maxTries: 1 } });
}
