import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { serve } from '../http/serve.ts';
import { urlHost } from '../http/url-host.ts';
import { type ListenAddress, type PartContext, type RunningPart, UsageError } from '../part.ts';
import { readPartConfig } from '../part-config.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Identity } from './identities.ts';
import { createIdentityApp, identityErrorAnswer, tokenPath } from './identity-app.ts';
import { identityConfigSchema } from './identity-config.ts';

export interface IdentityOptions {
  readonly address: ListenAddress;
  readonly context: PartContext;
  /** Mints the tokens, and knows the identities. */
  readonly accessTokens: AccessTokens;
  readonly config?: z.input<typeof identityConfigSchema>;
}

/**
 * Starts the managed-identity endpoint, over plain HTTP as on Azure.
 * @throws UsageError when the configuration is wrong or the port is taken.
 */
export async function startIdentity(options: IdentityOptions): Promise<RunningPart> {
  const { address, context, accessTokens } = options;
  const config = readPartConfig('identity', identityConfigSchema, options.config ?? {});
  const header = config.header ?? randomUUID();
  const clientId = config.appIdentity ? clientIdOf(config.appIdentity, accessTokens.identities) : undefined;
  const server = await serve({
    part: 'identity',
    app: createIdentityApp(accessTokens, header),
    address,
    errorAnswer: identityErrorAnswer,
    context,
  });
  const endpoint = `http://${urlHost(address.host)}:${server.port}${tokenPath}`;
  return {
    endpoints: { identity: endpoint },
    environment: {
      IDENTITY_ENDPOINT: endpoint,
      IDENTITY_HEADER: header,
      ...(clientId ? { AZURE_CLIENT_ID: clientId } : {}),
    },
    reset: () => {},
    close: server.close,
  };
}

/** The system-assigned identity is the one that clients get without naming any. */
function clientIdOf(name: string, identities: readonly Identity[]): string | undefined {
  const identity = identities.find((candidate) => candidate.name === name);
  if (!identity) throw new UsageError(`identity: appIdentity: there is no identity "${name}"`);
  return identity.resourceId ? identity.clientId : undefined;
}
