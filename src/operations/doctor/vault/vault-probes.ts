import type { Probe } from '../rights.ts';

const secrets = 'Microsoft.KeyVault/vaults/secrets';
const version = 'api-version=7.4';

/**
 * One harmless request for each data action of the role that Keyturn has at a vault, all about a secret that is not there. A
 * secret that is to be set without a value is refused, once the right is there.
 */
export function vaultProbes(vaultUrl: string, name: string): Probe[] {
  const at = (path: string) => `${vaultUrl.replace(/\/$/, '')}${path}?${version}`;
  return [
    { action: `${secrets}/readMetadata/action`, method: 'GET', url: at(`/secrets/${name}/versions`) },
    { action: `${secrets}/setSecret/action`, method: 'PUT', url: at(`/secrets/${name}`), body: {} },
    { action: `${secrets}/update/action`, method: 'PATCH', url: at(`/secrets/${name}`), body: {} },
    { action: `${secrets}/delete`, method: 'DELETE', url: at(`/secrets/${name}`) },
    { action: `${secrets}/recover/action`, method: 'POST', url: at(`/deletedsecrets/${name}/recover`) },
  ];
}

/** What Keyturn must not be allowed: to read a value, if only of a secret that is not there. */
export function readingProbe(vaultUrl: string, name: string): Probe {
  const url = `${vaultUrl.replace(/\/$/, '')}/secrets/${name}?${version}`;
  return { action: `${secrets}/getSecret/action`, method: 'GET', url };
}
