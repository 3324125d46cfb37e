import type { StorageService } from './azurite-process.ts';

const prefix = 'Microsoft.Storage/storageAccounts';

/**
 * The permission that a request to storage needs, in the words of Azure roles ("Authorize access to … using Microsoft
 * Entra ID"), for the request history. Azurite does not check permissions, and neither does the local cloud.
 */
export function storagePermission(service: StorageService, method: string, path: string): string {
  const verb = verbOf(method);
  switch (service) {
    case 'blob':
      return `${prefix}/blobServices/containers/blobs/${verb}`;
    case 'queue':
      return `${prefix}/queueServices/queues/${path.includes('/messages') ? 'messages/' : ''}${verb}`;
    case 'table':
      return `${prefix}/tableServices/tables/${tablePermission(method, path, verb)}`;
  }
}

function tablePermission(method: string, path: string, verb: string): string {
  if (/\/Tables\b/.test(path)) return verb;
  if (path.endsWith('/$batch')) return 'entities/write';
  switch (method) {
    case 'POST':
      return 'entities/add/action';
    case 'PUT':
    case 'PATCH':
    case 'MERGE':
      return 'entities/update/action';
    default:
      return `entities/${verb}`;
  }
}

function verbOf(method: string): 'read' | 'write' | 'delete' {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'delete' : 'write';
}
