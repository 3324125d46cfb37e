import { z } from 'zod';
import { badParameter } from './key-vault-error.ts';
import { limits } from './secret-requests.ts';

const skipTokenSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ NextMarker: z.string() }));

/** A place in a list: its key gives the order, and what is not to be shown has no item. */
export interface ListPlace {
  readonly key: string;
  readonly item: Record<string, unknown> | undefined;
}

/**
 * One page of a list. As on Azure, a page counts places, not items: pages of deleted secrets can be empty and still
 * have a next one.
 * @param places in the order of their keys
 * @param url of the request, whose query says which page it is and how long; with the vault's own host and port
 */
export function listPage(
  places: readonly ListPlace[],
  url: URL,
): { value: Record<string, unknown>[]; nextLink: string | null } {
  const size = readMaxResults(url.searchParams.get('maxresults'));
  const start = readSkipToken(url.searchParams.get('$skiptoken'));
  const left = places.filter(({ key }) => key >= start);
  const next = left[size];
  return {
    value: left.slice(0, size).flatMap(({ item }) => (item ? [item] : [])),
    nextLink: next ? nextLink(url, next.key) : null,
  };
}

function nextLink(url: URL, key: string): string {
  const token = Buffer.from(JSON.stringify({ NextMarker: key, TargetLocation: 0 })).toString('base64url');
  const query = new URLSearchParams(url.searchParams);
  query.delete('$skiptoken');
  const others = [...query].map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `${url.origin}${url.pathname}?${[...others, `$skiptoken=${token}`].join('&')}`;
}

function readMaxResults(text: string | null): number {
  if (text === null || text === '') return limits.page;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > limits.page)
    throw badParameter(`The maxresults parameter must be between 1 and ${limits.page}.`);
  return size;
}

function readSkipToken(token: string | null): string {
  if (token === null) return '';
  const parsed = skipTokenSchema.safeParse(Buffer.from(token, 'base64url').toString());
  if (!parsed.success) throw badParameter('The $skiptoken parameter is not valid.');
  return parsed.data.NextMarker;
}
