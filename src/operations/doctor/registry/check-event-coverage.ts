import { z } from 'zod';
import { codeOfStatus } from '../../../adapters/azure-error.ts';
import { ServiceFailure, type ServiceFailureCode } from '../../../ports/service-failure.ts';
import { type Asker, ask } from '../ask.ts';
import type { Check } from '../check.ts';
import type { Diagnosis, Subject } from '../diagnosis.ts';
import {
  coverageDiagnosis,
  eventDiagnoses,
  eventSubscriptionSchema,
  isTopicOf,
  noTopicDiagnosis,
  systemTopicSchema,
  type Wanted,
} from './event-coverage.ts';
import type { ReportEvidence } from './report-evidence.ts';

const version = 'api-version=2022-06-15';
const mostPages = 50;

export interface EventCoverageOptions {
  /** As the configuration calls it. */
  readonly registry: string;
  readonly wanted: Wanted;
  readonly resourceManager: Asker;
  readonly endpoint: string;
  /** What Keyturn itself has noted. */
  evidence(signal: AbortSignal): Promise<ReportEvidence | undefined>;
}

/** Whether Azure reports what others do to a registry: by Event Grid, where that may be seen, and by what has come. */
export function checkEventCoverage({ registry, evidence, ...options }: EventCoverageOptions): Check {
  const subject: Subject = { kind: 'events', name: registry };
  return {
    subject,
    async examine(signal) {
      const noted = await evidence(signal).catch(() => undefined);
      const seen = await coverage(subject, options, signal).catch((error: unknown) => codeOf(error));
      return eventDiagnoses(subject, seen, noted);
    },
  };
}

/** @throws ServiceFailure where it may not be seen */
async function coverage(
  subject: Subject,
  {
    wanted,
    resourceManager,
    endpoint,
  }: Pick<EventCoverageOptions, 'wanted' | 'resourceManager' | 'endpoint'>,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const group = wanted.registryId.split('/').slice(0, 5).join('/');
  const list = <Item>(path: string, item: z.ZodType<Item>) =>
    listAll(resourceManager, endpoint.replace(/\/$/, ''), path, item, signal);
  const topics = await list(`${group}/providers/Microsoft.EventGrid/systemTopics`, systemTopicSchema);
  const topic = topics.find((each) => isTopicOf(each, group));
  if (!topic) return noTopicDiagnosis(subject);
  return coverageDiagnosis(
    subject,
    await list(`${topic.id}/eventSubscriptions`, eventSubscriptionSchema),
    wanted,
  );
}

async function listAll<Item>(
  resourceManager: Asker,
  base: string,
  path: string,
  item: z.ZodType<Item>,
  signal: AbortSignal,
): Promise<Item[]> {
  const page = z.object({ value: z.array(item), nextLink: z.string().nullish() });
  const items: Item[] = [];
  let next: string | undefined = `${base}${path}?${version}`;
  for (let count = 0; next !== undefined && count < mostPages; count += 1) {
    const { status, json } = await ask(resourceManager, { method: 'GET', url: next }, signal);
    const read = page.safeParse(json);
    if (status !== 200 || !read.success)
      throw new ServiceFailure({
        service: 'registry',
        operation: 'readEventSubscriptions',
        status,
        code: codeOfStatus(status),
      });
    items.push(...read.data.value);
    next = ofSameHost(read.data.nextLink, base);
  }
  return items;
}

/** The access token is shown to nobody else. */
function ofSameHost(link: string | null | undefined, base: string): string | undefined {
  return link && URL.canParse(link) && new URL(link).origin === new URL(base).origin ? link : undefined;
}

function codeOf(error: unknown): ServiceFailureCode {
  return error instanceof ServiceFailure ? error.code : 'unexpected';
}
