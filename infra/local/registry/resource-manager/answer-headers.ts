import type { PartRequest } from '../../http/serve.ts';
import { tenantId } from '../../identity/access-tokens.ts';
import type { Identity } from '../../identity/identities.ts';
import type { RegistryStore } from '../registry-store.ts';
import { apiSupportedVersions } from './api-versions.ts';

/** Headers of every answer. */
export function commonHeaders(
  context: PartRequest,
  correlationId: string,
  store: RegistryStore,
): Record<string, string> {
  const now = store.clock.now();
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const clientRequestId = context.req.header('x-ms-client-request-id');
  const echoes = context.req.header('x-ms-return-client-request-id')?.toLowerCase() === 'true';
  return {
    date: now.toUTCString(),
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-cache': 'CONFIG_NOCACHE',
    'x-ms-request-id': correlationId,
    'x-ms-correlation-request-id': correlationId,
    'x-ms-routing-request-id': `${store.config.location.toUpperCase()}:${time}:${correlationId}`,
    ...(echoes && clientRequestId ? { 'x-ms-client-request-id': clientRequestId } : {}),
  };
}

/** Headers of the answers to callers that are known. */
export function callerHeaders(
  { objectId }: Identity,
  correlationId: string,
  { config }: RegistryStore,
): Record<string, string> {
  return {
    'api-supported-versions': apiSupportedVersions,
    'x-ms-operation-identifier': `tenantId=${tenantId},objectId=${objectId}/${config.location}/${correlationId}`,
  };
}
