import { z } from 'zod';

const probability = z.number().min(0).max(1);

/** Milliseconds, from the least to the most. */
const range = z
  .tuple([z.int().min(0), z.int().min(0).max(86_400_000)])
  .refine(([least, most]) => least <= most, { error: 'must begin with the smaller number' });

/**
 * How the event subscription behaves; all of it can be changed while it runs. Where Azure's documents do not say, the other
 * answer is a setting.
 */
export const eventGridSettingsSchema = z.strictObject({
  /** Without it nothing is delivered, and what happens meanwhile is never told. */
  enabled: z.boolean(),
  schema: z.enum(['event-grid', 'cloud-events']),
  /** Whether a message holds one event, or an array of those that are due together. */
  body: z.enum(['object', 'array']),
  mostEventsInArray: z.int().min(1).max(50),
  /** How long an event takes; two events may overtake one another within it. */
  delayMilliseconds: range,
  /** How many of the events come twice, with the same id. */
  duplicates: probability,
  /** How many of the events take longer by so much, and so come after what happened later. */
  late: z.strictObject({ probability, milliseconds: range }),
  /** What is told of the caller's `x-ms-client-request-id`: itself, another one, or nothing. */
  clientRequestId: z.enum(['echoed', 'replaced', 'absent']),
  /** Azure's documents say that `httpRequest` is left out where a resource was created. */
  httpRequestOnCreates: z.boolean(),
  /** Whether the event says who did it. */
  claims: z.enum(['full', 'none']),
  /** The subscription's filter `StringIn` on `data.operationName`, which compares without case. */
  operationNames: z.array(z.string().min(1)).min(1).max(25),
});

export type EventGridSettings = z.output<typeof eventGridSettingsSchema>;

const registries = 'Microsoft.ContainerRegistry/registries';

export const defaultEventGridSettings: EventGridSettings = {
  enabled: true,
  schema: 'event-grid',
  body: 'object',
  mostEventsInArray: 10,
  delayMilliseconds: [20, 60],
  duplicates: 0,
  late: { probability: 0, milliseconds: [1_000, 5_000] },
  clientRequestId: 'echoed',
  httpRequestOnCreates: false,
  claims: 'full',
  operationNames: [
    `${registries}/tokens/write`,
    `${registries}/tokens/delete`,
    `${registries}/scopeMaps/write`,
    `${registries}/scopeMaps/delete`,
    `${registries}/generateCredentials/action`,
    `${registries}/write`,
    `${registries}/delete`,
    `${registries}/listCredentials/action`,
    `${registries}/regenerateCredential/action`,
  ],
};

/**
 * The settings with some of them changed.
 * @throws z.ZodError when a change does not fit; nothing is changed then.
 */
export function changeEventGridSettings(current: EventGridSettings, changes: unknown): EventGridSettings {
  return eventGridSettingsSchema.parse({ ...current, ...z.record(z.string(), z.unknown()).parse(changes) });
}
