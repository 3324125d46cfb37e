import { z } from 'zod';
import { entranceNameSchema } from '../contracts/names.ts';
import { violation } from '../contracts/violations.ts';

/** Entrances whose tokens somebody may see. */
const seenEntrances = z.union([z.literal('all'), z.array(entranceNameSchema).min(1)]);

/** The value of an app role. Source: Entra's rules for app roles. */
const roleName = z.string().regex(/^[^\s,]{1,120}$/, violation('invalidFormat'));

const reader = z.union([
  z.strictObject({ role: roleName, entrances: seenEntrances }),
  /** Object id of a user, a service principal or a managed identity. */
  z.strictObject({ principal: z.guid(), entrances: seenEntrances }),
]);

/** Who may ask over HTTP, and how it is known who asks. `off`: there are no routes. */
export const httpSchema = z.discriminatedUnion('authentication', [
  z.strictObject({ authentication: z.literal('off') }),
  z.strictObject({
    authentication: z.literal('appService'),
    /** Callers of other tenants are refused, even if App Service lets them in. */
    tenantId: z.guid(),
    readers: z.array(reader).min(1),
  }),
  /** A key does not tell who uses it: whoever has one sees these entrances. Not on Azure. */
  z.strictObject({ authentication: z.literal('functionKey'), entrances: seenEntrances }),
]);

export type HttpConfiguration = z.output<typeof httpSchema>;
export type SeenEntrances = z.output<typeof seenEntrances>;
