import type { TokenCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
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

/** What Azure says of a blob that is there already; the second one when the container's policy is what keeps it. */
const alreadyThere: ReadonlySet<string> = new Set(['BlobAlreadyExists', 'BlobImmutableDueToPolicy']);

/** A blob for each document in a container that is made with the infrastructure, never by Keyturn. */
export class EventArchiveBlobs implements EventArchive {
  readonly #container: ContainerClient;
  readonly #caller: Caller;

  constructor({ endpoint, container, credential, clock }: EventArchiveOptions) {
    const address = `${endpoint.replace(/\/$/, '')}/${container}`;
    this.#container = new ContainerClient(address, credential, { retryOptions: { maxTries: 1 } });
    this.#caller = { service: 'archive', clock, timeLimit };
  }

  keep(name: string, body: Uint8Array): Promise<boolean> {
    const blob = this.#container.getBlockBlobClient(name);
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
        if (codesOf(error).some((code) => alreadyThere.has(code))) return false;
        throw error;
      }
    });
  }
}
