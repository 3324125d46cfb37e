import { z } from 'zod';
import { cloudEventSchema } from './cloud-event.ts';
import { actorSchema } from './event-data.ts';
import { dateSchema } from './instants.ts';
import { registryNameSchema, tokenNameSchema } from './names.ts';

const ofToken = { registry: registryNameSchema, token: tokenNameSchema };

/** The entrance under which Keyturn's own commands are kept; no configured entrance may have this name. */
export const internalEntrance = 'keyturn';

/** What Keyturn asks of itself. Refused at every entrance; built by reconcile and by the activity reports. */
export const internalCommandSchema = z.discriminatedUnion('type', [
  /** Compare the token with what is believed of it. */
  cloudEventSchema('keyturn.internal.reconcile-requested', z.strictObject(ofToken)),
  /** Azure reported a write that was not Keyturn's; who did it is evidence for the alert. */
  cloudEventSchema(
    'keyturn.internal.registry-reported',
    z.strictObject({
      ...ofToken,
      operation: z.string().min(1).max(256),
      reportedAt: dateSchema,
      actor: actorSchema.optional(),
    }),
  ),
]);

export type InternalCommand = z.output<typeof internalCommandSchema>;

export function isInternalCommandType(type: string): boolean {
  return type.startsWith('keyturn.internal.');
}
