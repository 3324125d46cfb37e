import { readFileSync } from 'node:fs';
import tls from 'node:tls';

/**
 * Trusts the certificates in a file of PEMs, in this thread, as a process does that starts with NODE_EXTRA_CA_CERTS: the app's
 * settings may name a file that the host's process was not started with.
 */
export function trustExtraAuthorities(file: string | undefined): void {
  if (!file) return;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    process.emitWarning(
      `Ignoring NODE_EXTRA_CA_CERTS: ${error instanceof Error ? error.message : String(error)}`,
    );
    return;
  }
  const pems = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...pems]);
}
