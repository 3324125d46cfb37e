import { join } from 'node:path';
import {
  ContainerRegistryManagementClient,
  type ContainerRegistryManagementClientOptionalParams,
} from '@azure/arm-containerregistry';
import { decodeJwt } from 'jose';
import type { z } from 'zod';
import { AccessTokens } from '../../../infra/local/identity/access-tokens.ts';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import type { registryConfigSchema } from '../../../infra/local/registry/registry-config.ts';
import { type RunningRegistry, startRegistry } from '../../../infra/local/registry/start-registry.ts';
import { type HttpsAnswer, httpsRequest } from '../identity/https-request.ts';
import { identities, type LocalCloud, openLocalCloud } from '../identity/local-cloud.ts';

export const subscriptionId = '00000000-0000-4000-8000-000000000001';
export const group = 'registries';
export const registryId = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/contoso`;
export const apiVersion = '2025-11-01';

/** May delete tokens, but not follow the deletion. */
export const deleter: Identity = {
  name: 'deleter',
  clientId: '0a0a0a0a-0000-4000-8000-000000000011',
  objectId: '0b0b0b0b-0000-4000-8000-000000000011',
  permissions: ['Microsoft.ContainerRegistry/registries/*'],
};

/** A person, who came by the portal. */
export const administrator: Identity = {
  name: 'administrator',
  clientId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  objectId: '0b0b0b0b-0000-4000-8000-000000000012',
  permissions: ['Microsoft.ContainerRegistry/*'],
  person: { name: 'Ada Bauer', userPrincipalName: 'ada.bauer@contoso.example' },
};

type Config = z.input<typeof registryConfigSchema>;

interface ArmRequest {
  readonly method?: string;
  readonly identity?: Identity | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** What the token endpoint answered to somebody who logged in. */
export interface LoginAnswer {
  readonly status: number;
  readonly message: string | undefined;
  readonly accessToken: string;
  /** What the access token allows, as scopes. */
  readonly access: readonly string[];
  readonly answer: HttpsAnswer;
}

export interface RegistryUnderTest {
  readonly cloud: LocalCloud;
  readonly running: RunningRegistry;
  /** The official client as an identity; it tries once unless told otherwise. */
  client(
    identity?: Identity,
    options?: ContainerRegistryManagementClientOptionalParams,
  ): ContainerRegistryManagementClient;
  /** A request to Azure Resource Manager as it is; the path may begin at the registry: `/tokens/…`. */
  arm(path: string, request?: ArmRequest): Promise<HttpsAnswer>;
  loginServer(registry?: string): string;
  /** GET of the token endpoint on a connection of its own. */
  logIn(username: string, password: string, scopes?: readonly string[]): Promise<LoginAnswer>;
  /** A request to the login server as it is. */
  ask(
    path: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<HttpsAnswer>;
  /** Makes a scope map and an enabled token of the same name with a first password in slot password1. */
  createToken(name: string, actions: readonly string[]): Promise<string>;
  /** Generates a password into a slot and returns it. */
  generate(token: string, slot: 'password1' | 'password2', expiry?: Date): Promise<string>;
  close(): Promise<void>;
}

/** Starts one Premium registry, `contoso`, whose long-running operations are done at the first poll unless told otherwise. */
export async function startRegistryUnderTest(config: Config = {}): Promise<RegistryUnderTest> {
  const cloud = await openLocalCloud();
  const accessTokens = await AccessTokens.open(join(cloud.folder, 'signing-key.json'), [
    ...Object.values(identities),
    deleter,
    administrator,
  ]);
  const running = await startRegistry({
    resourceManagerAddress: { host: '127.0.0.1', port: 0 },
    loginServerHost: '127.0.0.1',
    context: cloud,
    certificates: cloud.certificates,
    accessTokens,
    config: {
      resourceGroup: group,
      ...config,
      settings: { pollsUntilDone: 0, ...config.settings },
    },
  });
  const ca = cloud.certificates.authority;
  const endpoint = running.endpoints['resource-manager'] ?? '';

  const client: RegistryUnderTest['client'] = (identity = identities.operator, options = {}) =>
    new ContainerRegistryManagementClient(cloud.credential(identity), subscriptionId, {
      endpoint,
      credentials: { scopes: ['https://management.azure.com/.default'] },
      tlsOptions: { ca },
      retryOptions: { maxRetries: 0 },
      ...options,
    });
  const arm: RegistryUnderTest['arm'] = async (path, request = {}) => {
    const { method = 'GET', identity = identities.operator, body, headers = {} } = request;
    const { token } = (await cloud
      .credential(identity)
      .getToken('https://management.azure.com/.default')) ?? {
      token: '',
    };
    const url = new URL(path.startsWith('/subscriptions') ? path : registryId + path, endpoint);
    if (!url.searchParams.has('api-version')) url.searchParams.set('api-version', apiVersion);
    return httpsRequest(url.href, {
      ca,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
  const loginServer = (registry = 'contoso') =>
    (running.endpoints[`login-server ${registry}`] ?? '').replace('https://', '');
  const ask: RegistryUnderTest['ask'] = (path, options = {}) =>
    httpsRequest(`https://${loginServer()}${path}`, { ca, ...options });
  const generate: RegistryUnderTest['generate'] = async (token, slot, expiry) => {
    const { passwords } = await client().registries.generateCredentials(group, 'contoso', {
      tokenId: `${registryId}/tokens/${token}`,
      name: slot,
      ...(expiry ? { expiry } : {}),
    });
    return passwords?.find(({ name }) => name === slot)?.value ?? '';
  };
  return {
    cloud,
    running,
    client,
    arm,
    loginServer,
    ask,
    generate,
    logIn: async (username, password, scopes = []) => {
      const query = new URLSearchParams({ service: loginServer() });
      for (const scope of scopes) query.append('scope', scope);
      return loginAnswer(await ask(`/oauth2/token?${query}`, { headers: basic(username, password) }));
    },
    createToken: async (name, actions) => {
      const map = await client().scopeMaps.create(group, 'contoso', name, { actions: [...actions] });
      await client().tokens.create(group, 'contoso', name, { scopeMapId: map.id ?? '' });
      return generate(name, 'password1');
    },
    close: async () => {
      await running.close();
      await cloud.close();
    },
  };
}

export function basic(username: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

export function loginAnswer(answer: HttpsAnswer): LoginAnswer {
  const body = JSON.parse(answer.body) as { access_token?: string; errors?: { message: string }[] };
  const claims = body.access_token ? decodeJwt(body.access_token) : {};
  const access = (claims.access ?? []) as { type: string; name: string; actions: string[] }[];
  return {
    status: answer.status,
    message: body.errors?.[0]?.message,
    accessToken: body.access_token ?? '',
    access: access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`),
    answer,
  };
}

export interface ArmFailure {
  readonly statusCode: number | undefined;
  readonly code: string | undefined;
  readonly message: string;
}

/** What the official client says when a call fails; a call that succeeds is an error. */
export async function failureOf(call: PromiseLike<unknown>): Promise<ArmFailure> {
  try {
    await call;
  } catch (error) {
    const { statusCode, code, message } = error as Error & { statusCode?: number; code?: string };
    return { statusCode, code, message };
  }
  throw new Error('The call succeeded');
}

/** Everything that an asynchronous list of the client holds. */
export async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
