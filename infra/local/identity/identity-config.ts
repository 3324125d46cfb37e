import { z } from 'zod';

/** How the managed-identity endpoint behaves. */
export const identityConfigSchema = z.strictObject({
  /** What callers must send as `X-IDENTITY-HEADER`; without it, a new random text at each start, as on Azure. */
  header: z.string().min(1).optional(),
  /** Name of the identity whose client id becomes `AZURE_CLIENT_ID`; without it, none does. */
  appIdentity: z.string().min(1).optional(),
});
