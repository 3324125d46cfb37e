import { z } from 'zod';

const guid = z.guid();

/** One managed identity of the local cloud and what it may do. */
export const identitySchema = z.strictObject({
  name: z.string().min(1),
  clientId: guid,
  objectId: guid,
  /** ARM id of a user-assigned identity; the identity without one is the system-assigned identity. */
  resourceId: z.string().startsWith('/').optional(),
  /**
   * What it may do, as in an Azure role definition: control-plane actions such as
   * `Microsoft.ContainerRegistry/registries/tokens/write` and data actions such as
   * `Microsoft.KeyVault/vaults/secrets/setSecret/action`; `*` stands for any text.
   */
  permissions: z.array(z.string().min(1)),
  /** With it the identity is a person, who signs in by the application with that client id, such as the portal. */
  person: z.strictObject({ name: z.string().min(1), userPrincipalName: z.string().min(1) }).optional(),
});

export type Identity = z.output<typeof identitySchema>;

/** Whether an identity's role lets it do an action. Names compare case-insensitively, as in Azure. */
export function isPermitted(identity: Identity, action: string): boolean {
  return identity.permissions.some((permission) => {
    const pattern = permission.split('*').map(RegExp.escape).join('.*');
    return new RegExp(`^${pattern}$`, 'i').test(action);
  });
}
