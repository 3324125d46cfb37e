import { isRepositoryName } from '../scope-map-actions.ts';
import type { Access } from './access.ts';
import { LoginServerError } from './login-server-error.ts';

/** A request of the OCI distribution API, and what it needs. */
export interface RepositoryRequest {
  readonly method: string;
  readonly needs: readonly Access[];
}

const manifestOrBlob = /^\/v2\/(?<name>.+)\/(?<kind>manifests|blobs|referrers)\/(?<reference>[^/]+)$/;
const upload = /^\/v2\/(?<name>.+)\/blobs\/uploads(?:\/[^/]*)?$/;
const tags = /^\/v2\/(?<name>.+)\/tags\/list$/;

/**
 * Reads what a request asks of which repository; nothing if the OCI distribution API has no such path.
 * @throws LoginServerError when the repository's name is none, or the method does not fit.
 */
export function parseRepositoryRequest(method: string, url: URL): RepositoryRequest | undefined {
  const { pathname } = url;
  const uploading = upload.exec(pathname)?.groups?.name;
  if (uploading !== undefined) return { method, needs: uploadNeeds(uploading, method, url) };
  if (pathname === '/v2/_catalog') {
    allowOnly(method, ['GET', 'HEAD']);
    return { method, needs: [{ type: 'registry', name: 'catalog', actions: ['*'] }] };
  }
  const listed = tags.exec(pathname)?.groups?.name;
  if (listed !== undefined) {
    allowOnly(method, ['GET', 'HEAD']);
    return { method, needs: [onRepository(listed, 'metadata_read')] };
  }
  const content = manifestOrBlob.exec(pathname)?.groups;
  if (!content?.name) return undefined;
  return { method, needs: [onRepository(content.name, contentAction(method))] };
}

function uploadNeeds(repository: string, method: string, url: URL): Access[] {
  allowOnly(method, ['POST', 'PATCH', 'PUT', 'GET', 'HEAD', 'DELETE']);
  const needs = [onRepository(repository, 'push')];
  const from = url.searchParams.get('from');
  if (method === 'POST' && url.searchParams.has('mount') && from) needs.push(onRepository(from, 'pull'));
  return needs;
}

function contentAction(method: string): string {
  allowOnly(method, ['GET', 'HEAD', 'PUT', 'DELETE']);
  if (method === 'PUT') return 'push';
  return method === 'DELETE' ? 'delete' : 'pull';
}

function allowOnly(method: string, methods: readonly string[]): void {
  if (methods.includes(method)) return;
  throw new LoginServerError(405, 'UNSUPPORTED', 'The operation is unsupported.');
}

function onRepository(name: string, action: string): Access {
  if (!isRepositoryName(name)) throw new LoginServerError(400, 'NAME_INVALID', 'invalid repository name');
  return { type: 'repository', name, actions: [action] };
}
