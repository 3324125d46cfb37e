import type { ListenAddress } from '../part.ts';
import { emulatorKey, emulatorKeyName } from './authorization/shared-access-signature.ts';

/** The port of AMQP over TLS, which clients take when a namespace's name has none. */
const amqpsPort = 5671;

/**
 * The connection `ServiceBus` of an app, by identity, as the Functions conventions name its settings. The namespace has a
 * port (`localhost:6001`) only where it is not AMQP's own, since only the JS client takes one: .NET's refuses it.
 */
export function identityConnection(
  { host, port }: ListenAddress,
  clientId: string | undefined,
): Record<string, string> {
  const name = certifiedName(host);
  return {
    ServiceBus__fullyQualifiedNamespace: port === amqpsPort ? name : `${name}:${port}`,
    ...(clientId ? { ServiceBus__credential: 'managedidentity', ServiceBus__clientId: clientId } : {}),
  };
}

/** The official emulator's connection string, for who wants to look at everything, and for tools that know no identities. */
export function emulatorConnectionString(authority: string): Record<string, string> {
  const key = `SharedAccessKeyName=${emulatorKeyName};SharedAccessKey=${emulatorKey}`;
  return {
    SERVICE_BUS_EMULATOR_CONNECTION_STRING: `Endpoint=sb://${authority};${key};UseDevelopmentEmulator=true;`,
  };
}

/** A name rather than an address: clients send it in the TLS handshake, where addresses are not allowed (RFC 6066). */
function certifiedName(host: string): string {
  return ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host;
}
