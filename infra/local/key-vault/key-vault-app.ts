import { createPartApp, type PartApp, type PartRequest } from '../http/serve.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import type { Identity } from '../identity/identities.ts';
import {
  badParameter,
  KeyVaultError,
  keyVaultHeaders,
  methodNotAllowed,
  notFound,
  notImplemented,
  refusal,
} from './key-vault-error.ts';
import { type SecretOperation, type SecretRequest, secretOperations } from './secret-operations.ts';
import { readName } from './secret-requests.ts';
import type { Vault } from './vault.ts';
import { authenticate, authorize } from './vault-authorization.ts';

/** Longest body that is read, in bytes; far above what the limits of a secret allow. */
const longestBody = 256 * 1024;

/** Versions of the service in which secrets are as the local cloud has them. */
const knownApiVersion = /^(2016-10-01|7\.[0-6](-preview\.\d)?|202[5-9]-\d\d-\d\d(-preview)?)$/;

/** The secrets API of one vault, as Azure answers it. */
export function createKeyVaultApp(vault: Vault, accessTokens: AccessTokens): PartApp {
  const app = createPartApp();
  const operations = secretOperations(vault);
  app.all('*', async (context) => {
    const answer = await answerRequest(context, vault, operations, accessTokens);
    const clientRequestId = context.req.header('x-ms-client-request-id');
    if (clientRequestId) answer.headers.set('x-ms-client-request-id', clientRequestId);
    answer.headers.set('x-ms-keyvault-region', vault.location);
    answer.headers.set('date', vault.clock.now().toUTCString());
    return answer;
  });
  return app;
}

async function answerRequest(
  context: PartRequest,
  vault: Vault,
  operations: readonly SecretOperation[],
  accessTokens: AccessTokens,
): Promise<Response> {
  try {
    const identity = await authenticate(accessTokens, context.req.header('authorization'));
    context.set('identity', identity.name);
    const url = new URL(context.req.url);
    checkApiVersion(url);
    vault.windows.count(context.req.method === 'PUT' ? 'creations' : 'others');
    const { operation, name, version } = findOperation(operations, context.req.method, url.pathname);
    context.set('operation', operation.action);
    authorize(identity, operation.action, vault, name);
    const request: SecretRequest = {
      name,
      version,
      body: await readBody(context.req.raw),
      url: new URL(url.pathname + url.search, vault.url),
    };
    return answer(operation.run(request), identity);
  } catch (error) {
    if (error instanceof KeyVaultError) return refusal(error);
    throw error;
  }
}

function answer(body: Record<string, unknown> | undefined, { objectId }: Identity): Response {
  const headers = {
    ...keyVaultHeaders(),
    'x-ms-keyvault-rbac-assignment-id': objectId,
    'x-ms-keyvault-rbac-cache': 'ra_age=0;da_age=0;rd_age=0;brd_age=0;ra_notif_age=0;dec_lev=0;',
  };
  return body ? Response.json(body, { headers }) : new Response(null, { status: 204, headers });
}

function checkApiVersion(url: URL): void {
  const version = url.searchParams.get('api-version');
  if (!version) throw badParameter('api-version must be specified');
  if (!knownApiVersion.test(version)) throw badParameter(`The api-version ${version} is not supported.`);
}

function findOperation(
  operations: readonly SecretOperation[],
  method: string,
  pathname: string,
): { operation: SecretOperation; name: string; version: string | undefined } {
  const path = pathname.replace(/(?<=.)\/$/, '');
  const atPath = operations.filter((operation) => operation.path.test(path));
  const operation = atPath.find((candidate) => candidate.method === method);
  if (!operation) throw atPath.length > 0 ? methodNotAllowed(method) : unknownPath(path);
  const { name, version } = operation.path.exec(path)?.groups ?? {};
  return {
    operation,
    name: name === undefined ? '' : readName(decode(name)),
    version: version === undefined ? undefined : decode(version),
  };
}

function unknownPath(path: string): KeyVaultError {
  const kind = /^\/(?:deleted)?(keys|certificates|storage)(?:\/|$)/.exec(path)?.[1];
  return kind ? notImplemented(`The API of ${kind}`) : notFound();
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badParameter(`The request URI contains an invalid name: ${segment}`);
  }
}

async function readBody(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > longestBody)
      throw new KeyVaultError(413, 'RequestEntityTooLarge', 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
