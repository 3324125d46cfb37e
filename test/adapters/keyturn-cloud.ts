import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { AccessToken, TokenCredential } from '@azure/identity';
import { openCertificates } from '../../infra/local/certificates.ts';
import { type RunningCloud, startCloud } from '../../infra/local/cloud.ts';
import { type CloudConfig, onFreePorts, readCloudConfig } from '../../infra/local/cloud-config.ts';
import type { StartablePart } from '../../infra/local/command-line.ts';
import type { Fault } from '../../infra/local/control/faults.ts';
import { AccessTokens } from '../../infra/local/identity/access-tokens.ts';
import type { ServiceFailure } from '../../src/ports/service-failure.ts';
import { isFailure } from '../../src/ports/service-failure.ts';

export interface KeyturnCloud {
  readonly cloud: RunningCloud;
  /** The credential of an identity of the config; `keyturn` has just the permissions that Keyturn needs. */
  credential(identity?: string): TokenCredential;
  /** Does something go wrong once, or so many times. */
  inject(effect: Fault['effect'], match: string, times?: number): void;
  /** What was asked since the last `clear`, such as `PUT /tokens/…`, with paths cut to what the config does not say. */
  requests(): string[];
  close(): Promise<void>;
}

export type ChangeConfig = (config: CloudConfig) => CloudConfig;

/**
 * Starts one part of the local cloud, or all of it, in this process, and lets every client of this process trust it, so that the
 * adapters run unchanged.
 */
export async function startKeyturnCloud(
  part: StartablePart | undefined,
  /** Where `inject` lets things go wrong. */
  faultPart: Fault['part'],
  change: ChangeConfig = (config) => config,
): Promise<KeyturnCloud> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-adapters-'));
  const { authority } = await openCertificates(join(dataFolder, 'certificates'));
  setDefaultCACertificates([...getCACertificates('default'), authority]);
  const shipped = onFreePorts(await readCloudConfig('infra/local/cloud.config.json'));
  const config = change(shipped);
  const cloud = await startCloud({ config, dataFolder, only: part });
  const accessTokens = await AccessTokens.open(
    join(dataFolder, 'identity', 'signing-key.json'),
    config.identities,
  );
  return {
    cloud,
    credential: (name = 'keyturn') => {
      const identity = config.identities.find((each) => each.name === name);
      if (!identity) throw new Error(`The config has no identity ${name}.`);
      return {
        getToken: async (scopes): Promise<AccessToken> => {
          const resource = [scopes].flat()[0]?.replace(/\/\.default$/, '') ?? '';
          const { accessToken, expiresOn } = await accessTokens.mint(identity, resource);
          return { token: accessToken, expiresOnTimestamp: expiresOn * 1_000 };
        },
      };
    },
    inject: (effect, match, times = 1) => cloud.faults.inject({ part: faultPart, effect, match, times }),
    requests: () =>
      cloud.history
        .list()
        .map(({ request }) =>
          request.replace(/\?.*$/, '').replace(/\/subscriptions\/.*\/registries\/\w+/, ''),
        ),
    close: async () => {
      await cloud.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** The failure that a call ends in; a call that succeeds, or throws anything else, is an error. */
export async function failureOf(call: Promise<unknown>): Promise<ServiceFailure> {
  try {
    await call;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('The call succeeded');
}

/** Everything that can be read from an error: what a log, a history or a debugger would show of it. */
export function everythingOf(error: Error): string {
  const fields = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
  return [error.message, error.stack, JSON.stringify(error), ...fields].join('\n');
}

/** Everything that an asynchronous list holds. */
export async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
