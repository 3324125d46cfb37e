import { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventArchiveBlobs } from '../../src/adapters/event-archive-blobs.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { failureOf, type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

let keyturn: KeyturnCloud;
let container: ContainerClient;
let archive: EventArchiveBlobs;

const open = (name: string) =>
  new EventArchiveBlobs({
    endpoint: keyturn.cloud.environment.STORAGE_BLOB_ENDPOINT ?? '',
    container: name,
    credential: keyturn.credential(),
    clock: systemClock,
  });

beforeAll(async () => {
  keyturn = await startKeyturnCloud('storage', 'storage');
  const endpoint = keyturn.cloud.environment.STORAGE_BLOB_ENDPOINT ?? '';
  container = new ContainerClient(`${endpoint}/token-events`, keyturn.credential('operator'));
  await container.create();
  archive = open('token-events');
});
afterAll(() => keyturn.close());

const textOf = async (name: string) => String(await container.getBlobClient(name).downloadToBuffer());

describe('the archive', () => {
  it('keeps a document, byte for byte', async () => {
    expect(await archive.keep('2026/03/01/one.json', Buffer.from('{"id":"one"}'))).toBe(true);
    expect(await textOf('2026/03/01/one.json')).toBe('{"id":"one"}');
  });

  it('leaves what is there as it was', async () => {
    await archive.keep('two.json', Buffer.from('first'));
    expect(await archive.keep('two.json', Buffer.from('second'))).toBe(false);
    expect(await textOf('two.json')).toBe('first');
  });

  it('looks whether a blob is there when Azure says that the container’s policy does not permit it', async () => {
    const notPermitted = { kind: 'fail', status: 409, code: 'BlobImmutableDueToPolicy' } as const;
    keyturn.inject(notPermitted, 'PUT .*/three.json');
    const failure = await failureOf(archive.keep('three.json', Buffer.from('x')));
    expect(failure).toMatchObject({ service: 'archive', code: 'conflict' });
    expect(await archive.keep('three.json', Buffer.from('x'))).toBe(true);
    keyturn.inject(notPermitted, 'PUT .*/three.json');
    expect(await archive.keep('three.json', Buffer.from('x'))).toBe(false);
  });

  it('takes no other conflict as done', async () => {
    keyturn.inject({ kind: 'fail', status: 409, code: 'ContainerBeingDeleted' }, 'PUT .*/four.json');
    const failure = await failureOf(archive.keep('four.json', Buffer.from('x')));
    expect(failure).toMatchObject({ service: 'archive', code: 'conflict' });
  });

  it('keeps it once when the answer to the first try was lost', async () => {
    keyturn.inject({ kind: 'drop', when: 'after' }, 'PUT .*/five.json');
    expect(await archive.keep('five.json', Buffer.from('x'))).toBe(false);
    expect(await textOf('five.json')).toBe('x');
  });

  it('fails where there is no container, and makes none', async () => {
    const failure = await failureOf(open('elsewhere').keep('six.json', Buffer.from('x')));
    expect(failure).toMatchObject({ code: 'notFound', status: 404 });
  });
});
