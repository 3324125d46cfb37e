import { type StorageService, storageServices } from './azurite-process.ts';

/** Sends one request to a service of Azurite. Paths begin after the account. */
export type AzuriteRequest = (
  service: StorageService,
  method: string,
  path: string,
) => Promise<{ status: number; body: string }>;

/** How the things in a service are listed, and where each of them is deleted. */
const collections: Readonly<
  Record<StorageService, { list: string; names: (body: string) => string[]; path: (name: string) => string }>
> = {
  blob: { list: '/?comp=list', names: namesInXml, path: (name) => `/${name}?restype=container` },
  queue: { list: '/?comp=list', names: namesInXml, path: (name) => `/${name}` },
  table: { list: '/Tables', names: namesInJson, path: (name) => `/Tables('${name}')` },
};

/** Deletes every container, queue and table. */
export async function dropAllData(ask: AzuriteRequest): Promise<void> {
  await Promise.all(storageServices.map((service) => dropService(service, ask)));
}

/** Lists come in pages of some thousands; after deleting one page the next is the first. */
async function dropService(service: StorageService, ask: AzuriteRequest): Promise<void> {
  const { list, names, path } = collections[service];
  for (;;) {
    const listed = names(await succeed(ask, service, 'GET', list));
    if (listed.length === 0) return;
    for (const name of listed) await succeed(ask, service, 'DELETE', path(name));
  }
}

async function succeed(
  ask: AzuriteRequest,
  service: StorageService,
  method: string,
  path: string,
): Promise<string> {
  const { status, body } = await ask(service, method, path);
  if (status >= 300)
    throw new Error(`Azurite answered ${status} to ${method} ${path} of ${service}: ${body}`);
  return body;
}

function namesInXml(body: string): string[] {
  return [...body.matchAll(/<Name>([^<]+)<\/Name>/g)].map(([, name = '']) => name);
}

function namesInJson(body: string): string[] {
  const { value } = JSON.parse(body) as { value: { TableName: string }[] };
  return value.map(({ TableName }) => TableName);
}
