import { randomUUID } from 'node:crypto';
import type { Registry } from '../../../configuration/configuration.ts';
import { isFailure } from '../../../ports/service-failure.ts';
import type { TokenRegistry } from '../../../ports/token-registry.ts';
import type { Asker } from '../ask.ts';
import type { Check } from '../check.ts';
import { type Diagnosis, ok, red, type Subject } from '../diagnosis.ts';
import { failed, type Meanings } from '../failed.ts';
import { probeAll, rightsDiagnoses } from '../rights.ts';
import { registryProbes } from './registry-probes.ts';

const remedy =
  'Give the identity the role `Keyturn registry tokens …` at the registry: deploy again, or see docs/deploy.md.';

const noSuchRegistry = 'there is no such registry, resource group or subscription';

const unreadable: Meanings = {
  accessDenied: {
    remedy: `${remedy} Of a registry that is not there Azure says the same, so look at \`resourceId\`, too.`,
  },
};

/** Whether a registry is the one that the configuration means, and whether Keyturn may do there what it does. */
export function checkRegistry(
  { name, resourceId, loginServer }: Registry,
  registry: TokenRegistry,
  resourceManager: Asker,
  endpoint: string,
): Check {
  const subject: Subject = { kind: 'registry', name };
  const url = `${endpoint.replace(/\/$/, '')}${resourceId}`;
  return {
    subject,
    timeLimit: 60_000,
    async examine(signal) {
      const first = await found(subject, loginServer, registry, signal);
      if (first === undefined)
        return [red(subject, noSuchRegistry, 'Correct its `resourceId` in the configuration.')];
      const nobody = `keyturn-doctor-${randomUUID().slice(0, 18)}`;
      const probes = registryProbes(url, resourceId, nobody, randomUUID());
      const probed = await probeAll(resourceManager, probes, signal);
      const rights = rightsDiagnoses(subject, probed, { role: "Keyturn's role", remedy });
      return [first, await listed(subject, registry, signal), ...rights];
    },
  };
}

/** Undefined: there is none. */
async function found(
  subject: Subject,
  loginServer: string,
  registry: TokenRegistry,
  signal: AbortSignal,
): Promise<Diagnosis | undefined> {
  try {
    return loginServerDiagnosis(subject, loginServer, (await registry.readRegistry({ signal })).loginServer);
  } catch (error) {
    if (isFailure(error, 'notFound')) return undefined;
    return failed(subject, 'cannot be read', error, unreadable);
  }
}

/** Whether the first page of each list can be had, in the way of the app itself. */
async function listed(subject: Subject, registry: TokenRegistry, signal: AbortSignal): Promise<Diagnosis> {
  try {
    for await (const _token of registry.listTokens({ signal })) break;
    for await (const _scopeMap of registry.listScopeMaps({ signal })) break;
    return ok(subject, 'tokens and scope maps can be listed');
  } catch (error) {
    return failed(subject, 'tokens and scope maps cannot be listed', error, { accessDenied: { remedy } });
  }
}

export function loginServerDiagnosis(subject: Subject, configured: string, told: string): Diagnosis {
  if (configured.toLowerCase() === told.toLowerCase())
    return ok(subject, `is there; its login server is ${configured}, as configured`);
  return red(
    subject,
    `its login server is ${told}, and not ${configured}`,
    'Correct `loginServer` of this registry in the configuration, or `cloud.registrySuffix`.',
  );
}
