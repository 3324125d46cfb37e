import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Certificates } from '../certificates.ts';
import { type RunningServer, serve } from '../http/serve.ts';
import { urlHost } from '../http/url-host.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import type { ListenAddress, PartContext, RunningPart } from '../part.ts';
import {
  type AzuriteProcess,
  accountName,
  type StorageService,
  startAzurite,
  storageServices,
} from './azurite-process.ts';
import { type AzuriteRequest, dropAllData } from './drop-all-data.ts';
import { storageResource } from './storage-authentication.ts';
import { storageErrorAnswer } from './storage-error.ts';
import { createStorageProxy, type StorageProxy } from './storage-proxy.ts';

export interface StorageOptions {
  readonly addresses: Readonly<Record<StorageService, ListenAddress>>;
  readonly context: PartContext;
  readonly certificates: Certificates;
  readonly accessTokens: AccessTokens;
  /** Where Azurite keeps its data; emptied of an earlier run's. */
  readonly dataFolder: string;
}

interface RunningService {
  readonly service: StorageService;
  readonly server: RunningServer;
  readonly proxy: StorageProxy;
}

/**
 * Starts Azurite (blobs, queues, tables) in a process of its own, with a server before each service that checks tokens
 * and injects faults.
 * @throws UsageError when a port is taken.
 */
export async function startStorage(options: StorageOptions): Promise<RunningPart> {
  const azurite = await startAzurite(options.dataFolder, options.certificates);
  const running: RunningService[] = [];
  const close = async () => {
    await Promise.all(running.map(({ server }) => server.close()));
    for (const { proxy } of running) proxy.close();
    await azurite.stop();
  };
  try {
    for (const service of storageServices) running.push(await startService(service, azurite, options));
  } catch (error) {
    await close();
    throw error;
  }
  const urls = running.map(({ service, server }) => {
    const { host } = options.addresses[service];
    return [service, `https://${urlHost(host)}:${server.port}/${accountName}`] as const;
  });
  return {
    endpoints: Object.fromEntries(urls.map(([service, url]) => [`${service} storage`, url])),
    environment: Object.fromEntries(
      urls.map(([service, url]) => [`STORAGE_${service.toUpperCase()}_ENDPOINT`, url]),
    ),
    reset: () => dropAllData(azuriteRequest(azurite, options)),
    close,
  };
}

async function startService(
  service: StorageService,
  { ports }: AzuriteProcess,
  { addresses, context, certificates, accessTokens }: StorageOptions,
): Promise<RunningService> {
  const azurite = { port: ports[service], ca: certificates.authority };
  const proxy = createStorageProxy({ service, azurite, accessTokens });
  const server = await serve({
    part: 'storage',
    app: proxy.app,
    address: addresses[service],
    tls: certificates,
    errorAnswer: storageErrorAnswer(service),
    context,
  });
  return { service, server, proxy };
}

/** Asks Azurite itself, past the servers before it, and so past faults and history. */
function azuriteRequest({ ports }: AzuriteProcess, options: StorageOptions): AzuriteRequest {
  const { certificates, accessTokens } = options;
  const nobody = {
    name: 'reset',
    clientId: crypto.randomUUID(),
    objectId: crypto.randomUUID(),
    permissions: [],
  };
  return async (service, method, path) => {
    const { accessToken } = await accessTokens.mint(nobody, storageResource);
    const outgoing = request({
      host: '127.0.0.1',
      port: ports[service],
      servername: 'localhost',
      ca: certificates.authority,
      method,
      path: `/${accountName}${path}`,
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json;odata=nometadata' },
    });
    outgoing.end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = await answer.toArray();
    return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
  };
}
