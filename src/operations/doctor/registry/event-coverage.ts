import { z } from 'zod';
import type { ServiceFailureCode } from '../../../ports/service-failure.ts';
import { reportedOperations } from '../../../registry-activity/registry-report.ts';
import { type Diagnosis, ok, red, type Subject, warn } from '../diagnosis.ts';
import type { ReportEvidence } from './report-evidence.ts';

/** A system topic of Event Grid: where Azure tells what happens to a resource group or a subscription. */
export const systemTopicSchema = z.object({
  /** What it is asked by, behind the address of Resource Manager. */
  id: z.string().startsWith('/'),
  properties: z.object({ source: z.string().nullish(), topicType: z.string().nullish() }),
});

const destination = z.object({
  endpointType: z.string().nullish(),
  properties: z.object({ resourceId: z.string().nullish() }).nullish(),
});

const advancedFilter = z.object({
  operatorType: z.string().nullish(),
  key: z.string().nullish(),
  values: z.array(z.unknown()).nullish(),
});

/** Who is told, and of what. */
export const eventSubscriptionSchema = z.object({
  name: z.string(),
  properties: z.object({
    provisioningState: z.string().nullish(),
    destination: destination.nullish(),
    deliveryWithResourceIdentity: z.object({ destination: destination.nullish() }).nullish(),
    filter: z
      .object({
        subjectBeginsWith: z.string().nullish(),
        includedEventTypes: z.array(z.string()).nullish(),
        advancedFilters: z.array(advancedFilter).nullish(),
      })
      .nullish(),
  }),
});

export type SystemTopic = z.output<typeof systemTopicSchema>;
export type EventSubscription = z.output<typeof eventSubscriptionSchema>;

const wantedTypes = ['ResourceWriteSuccess', 'ResourceDeleteSuccess', 'ResourceActionSuccess'].map(
  (type) => `Microsoft.Resources.${type}`,
);

const remedy =
  'Deploy with `registryEvents` on; or make an event subscription as infra/modules/registry-events-subscription.bicep does. Without it Keyturn learns of changes by others only when it looks by itself.';

/** Whether a topic tells of all that happens in that resource group. */
export function isTopicOf({ properties }: SystemTopic, resourceGroupId: string): boolean {
  return (
    sameText(properties.topicType, 'Microsoft.Resources.ResourceGroups') &&
    sameText(properties.source, resourceGroupId)
  );
}

export interface Wanted {
  readonly registryId: string;
  readonly queue: string;
  /** Of Service Bus; undefined where it is not known. */
  readonly namespace: string | undefined;
}

/** What the event subscriptions on the topic of a registry's resource group are for Keyturn. */
export function coverageDiagnosis(
  subject: Subject,
  subscriptions: readonly EventSubscription[],
  wanted: Wanted,
): Diagnosis {
  const ours = subscriptions.filter((subscription) => deliversTo(subscription, wanted));
  const covering = ours.filter((subscription) => missingIn(subscription, wanted).length === 0);
  const [best] = covering;
  if (best && sameText(best.properties.provisioningState, 'Succeeded'))
    return ok(subject, `changes are reported to ${wanted.queue} (event subscription ${best.name})`);
  if (best)
    return red(
      subject,
      `the event subscription ${best.name} is not in force (${best.properties.provisioningState ?? 'no state'})`,
      remedy,
    );
  const [partial] = ours;
  if (partial)
    return warn(
      subject,
      `the event subscription ${partial.name} leaves out ${missingIn(partial, wanted).join(', ')}`,
      remedy,
    );
  return red(subject, `no event subscription leads from its resource group to queue ${wanted.queue}`, remedy);
}

export function noTopicDiagnosis(subject: Subject): Diagnosis {
  return red(
    subject,
    'changes are not reported: its resource group has no system topic of Event Grid',
    remedy,
  );
}

/**
 * What is seen of Event Grid, or the code by which it is not, beside what Keyturn has noted. That it cannot be seen says
 * nothing about whether it is there; reports that come do.
 */
export function eventDiagnoses(
  subject: Subject,
  seen: Diagnosis | ServiceFailureCode,
  noted: ReportEvidence | undefined,
): Diagnosis[] {
  const missing = noted?.missing
    ? [red(subject, 'Keyturn did something that Azure has not reported (finding `eventsMissing`)', remedy)]
    : [];
  if (typeof seen !== 'string') return [seen, ...missing];
  if (missing.length > 0) return missing;
  if (noted?.lastAt !== undefined)
    return [
      ok(
        subject,
        `reports arrive, the last one of ${noted.lastAt}; Event Grid itself cannot be seen (${seen})`,
      ),
    ];
  return [
    warn(
      subject,
      `no report has come yet, and whether any will cannot be seen (${seen})`,
      "Change something at the registry in the portal and run the doctor again; or run it as somebody who may read `Microsoft.EventGrid/systemTopics` and their `eventSubscriptions` in the registry's resource group, as the role Reader may. Keyturn itself need not.",
    ),
  ];
}

function deliversTo({ properties }: EventSubscription, { queue, namespace }: Wanted): boolean {
  const to = properties.deliveryWithResourceIdentity?.destination ?? properties.destination;
  const parts = (to?.properties?.resourceId ?? '').split('/');
  const isThere = sameText(parts.at(-1), queue) && sameText(parts.at(-2), 'queues');
  return isThere && (namespace === undefined || sameText(parts.at(-3), namespace));
}

/** What is wanted, and filtered out. */
function missingIn({ properties }: EventSubscription, { registryId }: Wanted): string[] {
  const { subjectBeginsWith, includedEventTypes, advancedFilters } = properties.filter ?? {};
  if (subjectBeginsWith && !registryId.toLowerCase().startsWith(subjectBeginsWith.toLowerCase()))
    return ['this registry'];
  const types = includedEventTypes ?? wantedTypes;
  const leftOut = wantedTypes.filter((wanted) => !types.some((type) => sameText(type, wanted)));
  const operations = Object.values(reportedOperations).filter(
    (operation) => !(advancedFilters ?? []).every((filter) => lets(filter, operation)),
  );
  return [...leftOut, ...operations].map((name) => name.replace('Microsoft.ContainerRegistry/', ''));
}

/** Event Grid compares without regard to case. Filters on anything but the operation are not judged. */
function lets({ operatorType, key, values }: z.output<typeof advancedFilter>, operation: string): boolean {
  if (!sameText(key, 'data.operationName')) return true;
  const texts = (values ?? [])
    .filter((value) => typeof value === 'string')
    .map((value) => value.toLowerCase());
  const name = operation.toLowerCase();
  if (sameText(operatorType, 'StringIn')) return texts.includes(name);
  if (sameText(operatorType, 'StringBeginsWith')) return texts.some((text) => name.startsWith(text));
  if (sameText(operatorType, 'StringContains')) return texts.some((text) => name.includes(text));
  return true;
}

function sameText(one: string | null | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
