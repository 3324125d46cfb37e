import type { RunningService } from '../running-service.ts';
import type { RegistryContents } from './registry-contents.ts';
import type { Requester } from './requester.ts';

/** Everything about a token that a command can change: registry, vault and record. */
export async function tokenStanding(
  token: string,
  from: {
    readonly service: RunningService;
    readonly requester: Requester;
    readonly registry: RegistryContents;
  },
) {
  const client = await from.service.secrets();
  const versions = [];
  for await (const { version, enabled, tags } of client.listPropertiesOfSecretVersions(
    `acr-contoso--${token}`,
  ))
    versions.push({ version, enabled, tags });
  return {
    token: await from.registry.token(token),
    actions: await from.registry.actions(`${token}-scope-map`),
    record: await from.requester.standing(token),
    versions,
  };
}
