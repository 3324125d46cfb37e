import { parseServiceBusConnectionString } from '@azure/service-bus';
import type { Connection } from '../../configuration/connections.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Check } from './check.ts';
import { clockDiagnosis } from './clock-skew.ts';
import { type Diagnosis, ok, red, type Subject } from './diagnosis.ts';
import { knock, look, Unreachable } from './look.ts';

const amqp = { secure: 5671, plain: 5672 };

/** Whether something answers at an https address. Anything that answers will do: rights are looked at by others. */
export function checkReachable(subject: Subject, url: string, clock: Clock, remedy: string): Check {
  return {
    subject,
    examine: (signal) =>
      orUnreachable(subject, remedy, async () => {
        await look(url, clock, signal);
        return [ok(subject, 'can be reached')];
      }),
  };
}

/** Azure Resource Manager, and by it the clock. */
export function checkResourceManager(endpoint: string, clock: Clock): Check {
  const subject: Subject = { kind: 'resource manager', name: new URL(endpoint).host };
  return {
    subject,
    examine: (signal) =>
      orUnreachable(subject, 'Open the way there, or correct `cloud.armEndpoint`.', async () => {
        const url = `${endpoint.replace(/\/$/, '')}/subscriptions?api-version=2022-12-01`;
        const { clockAhead } = await look(url, clock, signal);
        return [ok(subject, 'can be reached'), clockDiagnosis('resource manager', clockAhead)];
      }),
  };
}

/** The namespace, which clients reach by AMQP. */
export function checkServiceBus(connection: Connection): Check {
  const { host, port, secure } = amqpAddress(connection);
  const subject: Subject = { kind: 'service bus', name: `${host}:${port}` };
  const remedy =
    'Open the way there (AMQP needs its own port, not 443), or correct `ServiceBus__fullyQualifiedNamespace`.';
  return {
    subject,
    examine: (signal) =>
      orUnreachable(subject, remedy, async () => {
        await knock(host, port, secure, signal);
        return [ok(subject, 'can be reached')];
      }),
  };
}

/** Where alerts go. It is connected to, and nothing is sent: whatever is sent there is an alert. */
export function checkSink(name: string, { hostname, port }: URL): Check {
  const subject: Subject = { kind: 'alert sink', name };
  const remedy = `Open the way there, or correct \`AlertSinks__${name}__url\`.`;
  return {
    subject,
    examine: (signal) =>
      orUnreachable(subject, remedy, async () => {
        await knock(hostname.replace(/^\[(.*)\]$/, '$1'), Number(port || 443), true, signal);
        return [ok(subject, 'can be reached')];
      }),
  };
}

/** As the client reads it: a port may stand in the name of a namespace that is not Azure's. */
export function amqpAddress(connection: Connection): { host: string; port: number; secure: boolean } {
  if (connection.kind === 'identity') return withPort(connection.endpoint, true);
  const { fullyQualifiedNamespace } = parseServiceBusConnectionString(connection.connectionString);
  return withPort(fullyQualifiedNamespace, !/UseDevelopmentEmulator=true/i.test(connection.connectionString));
}

function withPort(name: string, secure: boolean): { host: string; port: number; secure: boolean } {
  const [host = '', port] = name.replace(/\/$/, '').split(':');
  return { host, port: Number(port ?? (secure ? amqp.secure : amqp.plain)), secure };
}

async function orUnreachable(
  subject: Subject,
  remedy: string,
  examine: () => Promise<Diagnosis[]>,
): Promise<Diagnosis[]> {
  try {
    return await examine();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return [red(subject, `cannot be reached: ${error.why}`, remedy)];
  }
}
