import { z } from 'zod';
import { codeOfStatus } from '../../../adapters/azure-error.ts';
import { ServiceFailure } from '../../../ports/service-failure.ts';
import { type Asker, ask } from '../ask.ts';
import type { Check } from '../check.ts';
import { type Diagnosis, type Subject, warn } from '../diagnosis.ts';
import {
  coverageDiagnosis,
  eventSubscriptionSchema,
  isTopicOf,
  noTopicDiagnosis,
  systemTopicSchema,
  type Wanted,
} from './event-coverage.ts';

const version = 'api-version=2022-06-15';
const mostPages = 50;

/** Whether Azure reports what others do to a registry. That is asked of Event Grid, where it may be seen. */
export function checkEventCoverage(
  registryName: string,
  wanted: Wanted,
  resourceManager: Asker,
  endpoint: string,
): Check {
  const subject: Subject = { kind: 'events', name: registryName };
  const base = endpoint.replace(/\/$/, '');
  const group = wanted.registryId.split('/').slice(0, 5).join('/');
  const listAll = async <Item>(path: string, item: z.ZodType<Item>, signal: AbortSignal): Promise<Item[]> => {
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
  };
  return {
    subject,
    async examine(signal) {
      try {
        const topics = await listAll(
          `${group}/providers/Microsoft.EventGrid/systemTopics`,
          systemTopicSchema,
          signal,
        );
        const topic = topics.find((each) => isTopicOf(each, group));
        if (!topic) return [noTopicDiagnosis(subject)];
        const subscriptions = await listAll(
          `${topic.id}/eventSubscriptions`,
          eventSubscriptionSchema,
          signal,
        );
        return [coverageDiagnosis(subject, subscriptions, wanted)];
      } catch (error) {
        return [unseen(subject, error)];
      }
    },
  };
}

/** The access token is shown to nobody else. */
function ofSameHost(link: string | null | undefined, base: string): string | undefined {
  return link && URL.canParse(link) && new URL(link).origin === new URL(base).origin ? link : undefined;
}

/** That it cannot be seen says nothing about whether it is there. */
function unseen(subject: Subject, error: unknown): Diagnosis {
  const code = error instanceof ServiceFailure ? error.code : 'unexpected';
  return warn(
    subject,
    `cannot see whether changes are reported (${code})`,
    "To have it looked at, run the doctor as somebody who may read `Microsoft.EventGrid/systemTopics` and their `eventSubscriptions` in the registry's resource group, as the role Reader may. Keyturn itself need not.",
  );
}
