import { timingSafeEqual } from 'node:crypto';
import type { ErrorAnswer } from '../http/faults-and-history.ts';
import { createPartApp, type PartApp } from '../http/serve.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Identity } from './identities.ts';

/** Where tokens are asked for. */
export const tokenPath = '/msi/token';

const apiVersion = '2019-08-01';

/** The resources that the local cloud has; Microsoft Entra knows no others here. */
const knownResources = [
  'https://management.azure.com',
  'https://management.core.windows.net',
  'https://vault.azure.net',
  'https://storage.azure.com',
  'https://servicebus.azure.net',
  'https://containerregistry.azure.net',
] as const;

/** A refusal of the endpoint, in its own words. */
interface Refusal {
  readonly status: number;
  readonly message: string;
}

/**
 * The managed-identity endpoint of Azure App Service and Functions.
 * @param header what callers must send as `X-IDENTITY-HEADER`
 */
export function createIdentityApp(accessTokens: AccessTokens, header: string): PartApp {
  const app = createPartApp();
  app.get(tokenPath, async (context) => {
    if (!sameText(context.req.header('x-identity-header') ?? '', header))
      return identityErrorAnswer({
        status: 401,
        message: 'The X-IDENTITY-HEADER header is missing or wrong.',
      });
    const query = new URL(context.req.url).searchParams;
    const asked = readQuery(query, accessTokens.identities);
    if ('status' in asked) return identityErrorAnswer(asked);
    const { identity, resource } = asked;
    context.set('identity', identity.name);
    const { accessToken, expiresOn } = await accessTokens.mint(identity, resource);
    return context.json({
      access_token: accessToken,
      expires_on: String(expiresOn),
      resource,
      token_type: 'Bearer',
      client_id: identity.clientId,
    });
  });
  app.all(tokenPath, ({ req }) =>
    identityErrorAnswer({ status: 405, message: `${req.method} is not supported.` }),
  );
  return app;
}

/** Answers an error in the endpoint's shape. */
export const identityErrorAnswer: ErrorAnswer = ({ status, message, headers }) =>
  Response.json(
    { statusCode: status, message: message ?? usualMessage(status), correlationId: crypto.randomUUID() },
    { status, headers: headers ?? {} },
  );

function usualMessage(status: number): string {
  if (status === 404) return 'The resource was not found.';
  if (status === 429) return 'Too many requests.';
  return 'An unexpected error occured while fetching the AAD Token.';
}

function readQuery(
  query: URLSearchParams,
  identities: readonly Identity[],
): { identity: Identity; resource: string } | Refusal {
  if (query.get('api-version') !== apiVersion)
    return { status: 400, message: `The api-version must be ${apiVersion}.` };
  const resource = query.get('resource');
  if (!resource) return { status: 400, message: 'The resource parameter is missing.' };
  if (!knownResources.some((known) => resource === known || resource === `${known}/`)) {
    const message = `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`;
    return { status: 400, message };
  }
  const managed = identities.filter(({ person }) => person === undefined);
  const identity = findIdentity(query, managed);
  return 'status' in identity ? identity : { identity, resource };
}

function findIdentity(query: URLSearchParams, identities: readonly Identity[]): Identity | Refusal {
  const selectors = [
    { values: ids(query, 'client_id', 'clientid'), of: ({ clientId }: Identity) => clientId },
    { values: ids(query, 'object_id', 'principal_id'), of: ({ objectId }: Identity) => objectId },
    { values: ids(query, 'mi_res_id', 'msi_res_id'), of: ({ resourceId }: Identity) => resourceId },
  ].flatMap(({ values, of }) => values.map((value) => ({ value, of })));
  const [selector, ...others] = selectors;
  if (others.length > 0)
    return { status: 400, message: 'Only one of client_id, object_id and mi_res_id can be given.' };
  const found = selector
    ? identities.find((identity) => selector.of(identity)?.toLowerCase() === selector.value.toLowerCase())
    : identities.find(({ resourceId }) => resourceId === undefined);
  if (found) return found;
  return {
    status: 400,
    message: selector
      ? 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.'
      : 'Unable to load the proper Managed Identity.',
  };
}

function ids(query: URLSearchParams, ...names: string[]): string[] {
  return names.flatMap((name) => query.getAll(name)).filter((value) => value !== '');
}

function sameText(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
