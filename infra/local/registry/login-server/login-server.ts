import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { createPartApp, type PartApp, type PartRequest } from '../../http/serve.ts';
import type { ContainerRegistry } from '../container-registry.ts';
import type { RegistryStore } from '../registry-store.ts';
import { type Access, isCovered, scopeText } from './access.ts';
import { basicCredentials, isAdministrator } from './log-in.ts';
import { LoginServerError, unauthorized, unsupported } from './login-server-error.ts';
import type { Nodes } from './nodes.ts';
import type { RegistryAccess, RegistryAccessTokens } from './registry-access-tokens.ts';
import { parseRepositoryRequest, type RepositoryRequest } from './repository-request.ts';
import { detailOf, getToken, postToken } from './token-endpoint.ts';
import { forward } from './upstream.ts';

/** One registry's login server: who may log in, and what stands behind it. */
export interface LoginServer {
  readonly registry: ContainerRegistry;
  readonly store: RegistryStore;
  readonly accessTokens: RegistryAccessTokens;
  readonly nodes: Nodes;
}

/** The login server of one registry: the token endpoint, and the OCI distribution API for those who have a token. */
export function createLoginServerApp(server: LoginServer): PartApp {
  const app = createPartApp();
  app.all('*', async (context) => {
    try {
      return await answer(server, context);
    } catch (error) {
      if (error instanceof LoginServerError) return error.toResponse();
      throw error;
    }
  });
  return app;
}

function answer(server: LoginServer, context: PartRequest): Promise<Response> | Response {
  const { method, path } = context.req;
  if (!server.registry.exists) return hangUp(context);
  if (isClosed(server.registry)) throw denied(context);
  if (path === '/oauth2/token' && method === 'GET') return getToken(server, context);
  if (path === '/oauth2/token' && method === 'POST') return postToken(server, context);
  if (path === '/oauth2/exchange' && method === 'POST') throw unsupported('logging in with Microsoft Entra');
  if (path === '/v2' || path.startsWith('/v2/')) return answerRegistryRequest(server, context);
  throw new LoginServerError(404, 'NOT_FOUND', 'There is nothing at this path.');
}

/** A registry that was deleted has no login server; its name no longer leads anywhere. */
function hangUp({ env }: PartRequest): Response {
  env?.outgoing?.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Whoever asks comes by the public network here. */
function isClosed({ network: { publicNetworkAccess, defaultAction } }: ContainerRegistry): boolean {
  return publicNetworkAccess === 'Disabled' || defaultAction === 'Deny';
}

/** As in the reports of people whose address is not let in. */
function denied({ env }: PartRequest): LoginServerError {
  const address = env?.incoming?.socket.remoteAddress ?? 'unknown';
  return new LoginServerError(
    403,
    'DENIED',
    `client with IP '${address}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.`,
  );
}

async function answerRegistryRequest(server: LoginServer, context: PartRequest): Promise<Response> {
  const { registry } = server;
  const url = new URL(context.req.url);
  const isProbe = url.pathname === '/v2' || url.pathname === '/v2/';
  const request = isProbe ? { method: 'GET', needs: [] } : parseRepositoryRequest(context.req.method, url);
  if (!request) throw new LoginServerError(404, 'NAME_UNKNOWN', 'repository name not known to registry');
  context.set('operation', request.needs.map(scopeText).join(' ') || 'probe');
  const given = await readAccess(server, context.req.header('authorization'), request.needs);
  if (given !== 'everything') {
    if (given.subject) context.set('identity', given.subject);
    if (!isCovered(request.needs, given.access)) throw refusal(server, request.needs, 'insufficient_scope');
  }
  if (isProbe) return new Response(null, { headers: { 'docker-distribution-api-version': 'registry/2.0' } });
  if (registry.config.upstream === undefined) throw nothingBehind(request);
  return forward(context.req.raw, registry.config.upstream, registry.loginServer);
}

/** The access that a request brings. The admin user's name and password are accepted without a token; those of tokens are not. */
async function readAccess(
  { registry, store, accessTokens }: LoginServer,
  authorization: string | undefined,
  needs: readonly Access[],
): Promise<RegistryAccess | 'everything'> {
  const credentials = basicCredentials(authorization);
  if (credentials && isAdministrator(registry, credentials)) return 'everything';
  const { loginServer } = registry;
  const given = await accessTokens.read(authorization, { loginServer, now: store.clock.now() });
  if (given) return given;
  const isBearer = authorization !== undefined && !credentials;
  throw refusal({ registry }, needs, isBearer ? 'invalid_token' : undefined);
}

function refusal(
  { registry: { loginServer } }: Pick<LoginServer, 'registry'>,
  needs: readonly Access[],
  error: 'insufficient_scope' | 'invalid_token' | undefined,
): LoginServerError {
  const challenge = [`realm="https://${loginServer}/oauth2/token"`, `service="${loginServer}"`];
  if (needs.length > 0) challenge.push(`scope="${needs.map(scopeText).join(' ')}"`);
  if (error) challenge.push(`error="${error}"`);
  return unauthorized(undefined, {
    ...(needs.length > 0 ? { detail: detailOf(needs) } : {}),
    headers: { 'www-authenticate': `Bearer ${challenge.join(',')}` },
  });
}

function nothingBehind({ method }: RepositoryRequest): LoginServerError {
  return method === 'GET' || method === 'HEAD'
    ? new LoginServerError(404, 'NAME_UNKNOWN', 'repository name not known to registry')
    : unsupported('pushing: no registry that holds images stands behind it');
}
