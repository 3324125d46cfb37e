import { type Connection, serviceBusConnectionName } from '../../../configuration/connections.ts';
import { type Diagnosis, ok, red, warn } from '../diagnosis.ts';

export interface ConnectionContext {
  /** Whether a client can be made of it. */
  readonly isWhole: boolean;
  /** Whose it should be; undefined: that is not known. */
  readonly identity: { readonly clientId?: string | undefined } | undefined;
  /** The setting `<connection>__credential`, which the Functions host looks at. */
  readonly credential: string | undefined;
}

export const connectionRemedy = 'Set it as docs/configuration.md says under "Connections".';

/** Whether a connection can be used, is by identity, and is of the identity that the configuration names. */
export function connectionDiagnosis(
  name: string,
  connection: Connection,
  { isWhole, identity, credential }: ConnectionContext,
): Diagnosis {
  const subject = { kind: 'setting', name };
  if (!isWhole) return malformed(name, connection);
  if (connection.kind === 'connectionString')
    return warn(
      subject,
      'is a connection string',
      `Use an identity (\`${name}__clientId\`): connection strings are for emulators.`,
    );
  const { clientId, endpoint } = connection;
  const isOfHost = name === serviceBusConnectionName;
  if (isOfHost && clientId !== undefined && credential !== 'managedidentity')
    return warn(
      { kind: 'setting', name: `${name}__credential` },
      `is not \`managedidentity\`, so the Functions host does not look at \`${name}__clientId\``,
      `Set \`${name}__credential\` to \`managedidentity\`.`,
    );
  if (identity && clientId?.toLowerCase() !== identity.clientId?.toLowerCase())
    return warn(
      { kind: 'setting', name: `${name}__clientId` },
      `is ${clientId ?? 'not set'}, and \`identity.clientId\` is ${identity.clientId ?? 'not set'}`,
      'Keyturn is meant to have one identity: make these the same.',
    );
  return ok(subject, `leads to ${endpoint}, by identity`);
}

/** Of a connection string nothing is shown: it may hold a key. */
function malformed(name: string, connection: Connection): Diagnosis {
  const value =
    connection.kind === 'identity' ? connection.endpoint : 'a connection string that cannot be read';
  const wanted = name === serviceBusConnectionName ? 'the host name of a namespace' : 'an https address';
  return red({ kind: 'setting', name }, `is ${value}, and has to be ${wanted}`, connectionRemedy);
}
