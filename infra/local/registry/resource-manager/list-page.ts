import type { NamedResources } from '../named-resources.ts';
import type { ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

/**
 * One page of a list, with the `nextLink` to the next one.
 * @throws ServiceError when the link that was followed is not one of ours.
 */
export function listPage<Resource extends { readonly name: string }>(
  request: ResourceRequest,
  resources: NamedResources<Resource>,
  body: (resource: Resource) => unknown,
): { value: unknown[]; nextLink?: string } {
  const page = resources.page(positionOf(request.url), request.store.settings.listPageSize);
  const value = page.resources.map(body);
  if (page.next === undefined) return { value };
  const nextLink = new URL(request.url);
  nextLink.searchParams.set('$skiptoken', Buffer.from(`after ${page.next}`).toString('base64url'));
  return { value, nextLink: nextLink.href };
}

function positionOf(url: URL): number {
  const token = url.searchParams.get('$skiptoken');
  if (token === null) return 0;
  const position = /^after (\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  if (position !== undefined) return Number(position);
  throw new ServiceError('service', 400, 'InvalidSkipToken', 'The $skiptoken is not one of this list.');
}
