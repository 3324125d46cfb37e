import type { Configuration, Registry } from '../configuration/configuration.ts';
import type { InboundMessage } from '../intake/inbound-message.ts';
import { originOf } from '../intake/inbound-message.ts';
import { setAside } from '../intake/set-aside.ts';
import { type PutOff, tryOrPutOff } from '../intake/try-or-put-off.ts';
import { latest } from '../lifecycle/instant-arithmetic.ts';
import type { MessageSender } from '../ports/message-sender.ts';
import type { WatchPorts } from '../watch/watch-ports.ts';
import { type HandledReports, handleReports } from './handle-reports.ts';
import { readRegistryReports } from './read-registry-reports.ts';
import type { ReportRejection } from './report-rejections.ts';

export interface ReportPorts extends WatchPorts {
  readonly messages: MessageSender;
}

/** What became of a message with reports. In any case it is done with, and to be completed. */
export type TakenReports =
  | {
      readonly result: 'taken';
      /** By registry. */
      readonly handled: readonly HandledReports[];
      /** Events of no interest. */
      readonly ignored: number;
      /** Reports on registries that are not configured. */
      readonly foreign: number;
      /** Of an event that cannot be read beside others; the message was set aside as well. */
      readonly rejection?: ReportRejection;
    }
  | { readonly result: 'setAside'; readonly rejection: ReportRejection }
  /** What it needs is down; a copy of it comes back then. */
  | PutOff;

/**
 * Takes in one message of Azure's reports on the registries. What is no report is set aside. What it needs is down: tried for a
 * while, then put off, for a week at most.
 *
 * @throws if not even that is possible; then the broker hands it out again, and dead-letters it in the end
 */
export function takeReports(message: InboundMessage, ports: ReportPorts): Promise<TakenReports> {
  const { registryActivityQueue } = ports.configuration.messaging;
  return tryOrPutOff(message, registryActivityQueue, () => takeOnce(message, ports), ports);
}

async function takeOnce(message: InboundMessage, ports: ReportPorts): Promise<TakenReports> {
  const read = readRegistryReports(message.body);
  if (!read.ok) {
    await setAside(message, originOf(message), read.rejection, ports);
    return { result: 'setAside', rejection: read.rejection };
  }
  const { reports, ignored, rejections } = read;
  // A report can be from a cloud whose clock is ahead of this machine's.
  const now = latest(ports.clock.now().toISOString(), message.enqueuedAt, ...reports.map(({ at }) => at));
  const handled: HandledReports[] = [];
  for (const [registryId, some] of Map.groupBy(reports, (report) => report.registryId)) {
    const registry = registryOf(registryId, ports.configuration);
    if (registry) handled.push(await handleReports(registry, some, now, ports));
  }
  const known = handled.reduce((sum, each) => sum + each.reports, 0);
  const [rejection] = rejections;
  if (rejection) await setAside(message, originOf(message), rejection, ports);
  return {
    result: 'taken',
    handled,
    ignored,
    foreign: reports.length - known,
    ...(rejection ? { rejection } : {}),
  };
}

function registryOf(registryId: string, { registries }: Configuration): Registry | undefined {
  return [...registries.values()].find(({ resourceId }) => resourceId.toLowerCase() === registryId);
}
