import type { SystemData } from '../scope-map.ts';

/** Azure overwrites who created a token or scope map, and when, with every write. */
export function systemDataBody({ by, at }: SystemData): Record<string, string> {
  return {
    createdBy: by,
    createdByType: 'Application',
    createdAt: at,
    lastModifiedBy: by,
    lastModifiedByType: 'Application',
    lastModifiedAt: at,
  };
}
