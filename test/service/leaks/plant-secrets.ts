import { gzipSync } from 'node:zlib';
import { TableClient } from '@azure/data-tables';
import { newPasswordValue } from '../../../infra/local/registry/password-value.ts';
import type { Messages } from '../messages.ts';
import type { RunningService } from '../running-service.ts';
import { encodings } from './encodings.ts';

/** A secret that was put somewhere on purpose, so that the search has something to find. */
export interface Planted {
  /** The kind of place where it must be found. */
  readonly kind: string;
  readonly encoding: string;
  readonly secret: string;
}

interface Plant extends Planted {
  readonly bytes: Buffer;
}

type Plants = readonly Plant[];

/** Puts a secret of its own in each encoding into each kind of place where a running service persists, logs or sends. */
export async function plantSecrets(service: RunningService, messages: Messages): Promise<Planted[]> {
  const inRows = plantsFor('row');
  const inMessages = plantsFor('message');
  const inLog = plantsFor('log');
  const inHistory = plantsFor('history');
  const inBlob = plantsFor('file');
  await plantInRows(service, inRows);
  await messages.sendRaw(
    'token-requests-rejected',
    inMessages.map(({ bytes }) => ({ body: bytes })),
  );
  plantInLog(service, inLog);
  await plantInHistory(service, inHistory);
  await plantInBlob(
    service,
    gzipSync(Buffer.concat(inBlob.flatMap(({ bytes }) => [bytes, Buffer.alloc(4)]))),
  );
  const sent = inBlob.map((plant) => ({ ...plant, kind: 'sent' }));
  return [...inRows, ...inMessages, ...inLog, ...inHistory, ...inBlob, ...sent];
}

/** The kinds of places where every encoding is planted. */
export const plantedKinds = ['row', 'message', 'log', 'history', 'file', 'sent'] as const;

function plantsFor(kind: string): Plants {
  return encodings.map(({ name, encode }) => {
    const secret = newPasswordValue();
    return { kind, encoding: name, secret, bytes: encode(secret) };
  });
}

async function plantInRows(service: RunningService, plants: Plants): Promise<void> {
  const endpoint = service.setting('STORAGE_TABLE_ENDPOINT');
  const table = new TableClient(endpoint, 'Planted', await service.credential());
  await table.createTable();
  await table.submitTransaction(
    plants.map(({ bytes }, index) => [
      'create',
      { partitionKey: 'planted', rowKey: String(index), text: new Uint8Array(bytes) },
    ]),
  );
}

function plantInLog({ hosts }: RunningService, plants: Plants): void {
  for (const { bytes } of plants)
    hosts
      .at(-1)
      ?.log.write(
        JSON.stringify({ level: 'information', category: 'Planted', message: bytes.toString('latin1') }),
      );
}

async function plantInHistory({ hosts }: RunningService, plants: Plants): Promise<void> {
  const api = await hosts.at(-1)?.durableApi();
  const [instance] = (await api?.list('top=1')) ?? [];
  if (!api || !instance) throw new Error('No lifecycle runs.');
  for (const { bytes } of plants)
    await api.raiseEvent(instance.instanceId, 'planted', { text: bytes.toString('latin1') });
}

async function plantInBlob(service: RunningService, body: Buffer): Promise<void> {
  const credential = await service.credential();
  const accessToken = await credential.getToken('https://storage.azure.com/.default');
  const put = async (path: string, init: RequestInit) => {
    const answer = await fetch(`${service.setting('STORAGE_BLOB_ENDPOINT')}/${path}`, {
      method: 'PUT',
      ...init,
      headers: {
        authorization: `Bearer ${accessToken?.token}`,
        'x-ms-version': '2021-12-02',
        'x-ms-blob-type': 'BlockBlob',
      },
    });
    if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  };
  await put('planted?restype=container', {});
  await put('planted/secrets.gz', { body: new Uint8Array(body) });
}
