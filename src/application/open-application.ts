import { setTimeout } from 'node:timers/promises';
import type { ActivityPorts } from '../activities/activity-ports.ts';
import { type Activities, createActivities } from '../activities/create-activities.ts';
import { connect, type Ports } from '../adapters/connect.ts';
import { DurableLifecycleRetention, type RetentionClient } from '../adapters/durable-lifecycle-retention.ts';
import { DurableLifecycles, type OrchestrationClient } from '../adapters/durable-lifecycles.ts';
import type { AlertingPorts } from '../alerting/alerting-ports.ts';
import type { ArchivePorts } from '../archive/archive-event.ts';
import { alertSinks } from '../configuration/alert-sinks.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { checkHttpAuthentication } from '../configuration/http-authentication.ts';
import type { HttpPorts } from '../http/http-ports.ts';
import type { IntakePorts } from '../intake/intake-ports.ts';
import type { Clock } from '../ports/clock.ts';
import type { ReconcilePorts } from '../reconcile/wake-late-lifecycles.ts';
import type { ReportPorts } from '../registry-activity/take-reports.ts';
import type { RetentionPorts } from '../retention/retention-ports.ts';
import type { RotationSchedulePorts } from '../rotation-schedules/rotation-schedule-ports.ts';
import { type Environment, loadConfiguration } from './load-configuration.ts';

/** The app, joined together: what its functions need. */
export interface Application {
  readonly configuration: Configuration;
  readonly ports: Ports;
  /** The activities of the lifecycles; trouble in them is reported as fixed words. */
  activities(report: ActivityPorts['report'], tell: ActivityPorts['tell']): Activities;
  /** All that the intake needs; the client is the one that the Functions host hands to an invocation. */
  intake(client: OrchestrationClient): IntakePorts;
  reconcile(client: OrchestrationClient): ReconcilePorts;
  rotationSchedules(client: OrchestrationClient): RotationSchedulePorts;
  /** All that registries are watched with. */
  watch(client: OrchestrationClient): ReportPorts;
  retention(client: RetentionClient): RetentionPorts;
  /** All that the archive is filled with; undefined: there is none. */
  readonly archive: ArchivePorts | undefined;
  /** All that alerts are told with; trouble that does not keep them from it is reported as fixed words. */
  alerting(report: AlertingPorts['report']): AlertingPorts;
  /** All that HTTP answers are made from. */
  http(report: HttpPorts['report']): HttpPorts;
}

/**
 * Reads the configuration and opens all doors to the outside. Nothing is asked of anybody yet.
 *
 * @throws ConfigurationError that names what is wrong; the app must not start then
 */
export function openApplication(environment: Environment, clock: Clock): Application {
  const configuration = loadConfiguration(environment);
  checkHttpAuthentication(configuration.http, environment);
  const sinks = alertSinks(configuration.alerting, environment);
  const ports = connect(configuration, environment, clock);
  const common = { ...ports, configuration, events: ports.messages, pause };
  const lifecycles = (client: OrchestrationClient) => new DurableLifecycles(client, clock);
  return {
    configuration,
    ports,
    activities: (report, tell) => createActivities({ ...common, report, tell }),
    intake: (client) => ({ ...common, lifecycles: lifecycles(client) }),
    reconcile: (client) => ({ ...common, lifecycles: lifecycles(client) }),
    rotationSchedules: (client) => ({ ...common, lifecycles: lifecycles(client) }),
    watch: (client) => ({ ...common, lifecycles: lifecycles(client) }),
    retention: (client) => ({
      ...common,
      retention: { ...ports.retention, lifecycles: new DurableLifecycleRetention(client, clock) },
    }),
    archive: ports.archive && { archive: ports.archive, clock, pause },
    alerting: (report) => ({ ...common, sinks, report }),
    http: (report) => ({ ...common, report }),
  };
}

async function pause(milliseconds: number): Promise<void> {
  await setTimeout(milliseconds);
}
