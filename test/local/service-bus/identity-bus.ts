import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { importJWK, SignJWT } from 'jose';
import { type Certificates, openCertificates } from '../../../infra/local/certificates.ts';
import { AccessTokens } from '../../../infra/local/identity/access-tokens.ts';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import { startTestBus, type TestBus } from './start-test-bus.ts';

const resource = 'https://servicebus.azure.net/';

/** What lets clients in by identity: who there is, and certificates that this process trusts until it is closed. */
export interface IdentityGround {
  readonly certificates: Certificates;
  readonly accessTokens: AccessTokens;
  /** A token that is good for so many seconds more; for less than none, it was good until then. */
  tokenFor(identity: Identity, seconds: number): Promise<string>;
  close(): Promise<void>;
}

export type IdentityBus = TestBus & {
  /** As the environment of clients names it, with its port. */
  readonly namespace: string;
};

export async function openIdentityGround(identities: readonly Identity[]): Promise<IdentityGround> {
  const folder = await mkdtemp(join(tmpdir(), 'service-bus-'));
  const keyFile = join(folder, 'signing-key.json');
  const certificates = await openCertificates(folder);
  const accessTokens = await AccessTokens.open(keyFile, identities);
  const key = await importJWK(JSON.parse(await readFile(keyFile, 'utf8')), 'RS256');
  const trusted = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...trusted, certificates.authority]);
  return {
    certificates,
    accessTokens,
    tokenFor: ({ objectId }, seconds) =>
      new SignJWT({ oid: objectId })
        .setProtectedHeader({ alg: 'RS256' })
        .setSubject(objectId)
        .setAudience(resource)
        .setExpirationTime(Date.now() / 1000 + seconds)
        .sign(key),
    close: async () => {
      tls.setDefaultCACertificates(trusted);
      await rm(folder, { recursive: true });
    },
  };
}

/** A Service Bus for one test that can be entered by identity, over TLS. */
export async function startIdentityBus(
  { accessTokens, certificates: { key, cert } }: IdentityGround,
  entities?: Parameters<typeof startTestBus>[0],
): Promise<IdentityBus> {
  const tlsListener = { address: { host: '127.0.0.1', port: 0 }, key, cert };
  const started = await startTestBus(entities, { accessTokens, tls: tlsListener });
  return { ...started, namespace: started.bus.environment.ServiceBus__fullyQualifiedNamespace ?? '' };
}
