import type { Namespace } from './resource-path.ts';
import { ServiceError } from './service-error.ts';

/** The versions of the provider's API that Azure named in September 2025, and the one that followed. */
const supportedVersions = [
  '2019-05-01-preview',
  '2020-11-01-preview',
  '2021-06-01-preview',
  '2021-08-01-preview',
  '2021-12-01-preview',
  '2022-02-01-preview',
  '2022-12-01',
  '2023-01-01-preview',
  '2023-06-01-preview',
  '2023-07-01',
  '2023-08-01-preview',
  '2023-11-01-preview',
  '2024-01-01-preview',
  '2024-11-01-preview',
  '2025-03-01-preview',
  '2025-04-01',
  '2025-05-01-preview',
  '2025-09-01-preview',
  '2025-11-01',
];

/** Those of Event Grid that are no previews and have system topics. */
const eventGridVersions = ['2021-12-01', '2022-06-15', '2025-02-15'];

/** What the header `api-supported-versions` says. */
export const apiSupportedVersions = supportedVersions.join(', ');

/** @throws ServiceError when the request does not name a version. */
export function requireApiVersion(url: URL): string {
  const version = url.searchParams.get('api-version');
  if (version) return version;
  throw new ServiceError(
    'gateway',
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );
}

/** @throws ServiceError when the provider does not have the version. */
export function checkApiVersion(
  version: string,
  { namespace, pattern }: { readonly namespace: Namespace; readonly pattern: string },
  location: string,
): void {
  const supported = namespace === 'Microsoft.EventGrid' ? eventGridVersions : supportedVersions;
  if (supported.includes(version.toLowerCase())) return;
  const resourceType = pattern.replaceAll('/*', '');
  throw new ServiceError(
    'gateway',
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version '${version}' for type '${resourceType}'. The supported api-versions are '${supported.join(', ')}'. The supported locations are '${location}'.`,
  );
}
