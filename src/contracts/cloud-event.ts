import { z } from 'zod';
import { instantSchema } from './instants.ts';
import { violation } from './violations.ts';

/** Text of an envelope: no control characters. */
const attribute = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, violation('invalidText'));

/**
 * The attributes of a CloudEvents 1.0 event in structured JSON that Keyturn uses. `time` and `subject` are
 * optional in CloudEvents and required here: age and order are judged by the time.
 */
const envelopeFields = {
  specversion: z.literal('1.0'),
  /** Unique with the source; a repeated event keeps its id. */
  id: attribute(256),
  source: attribute(256),
  subject: attribute(128),
  time: instantSchema,
  datacontenttype: z
    .string()
    .max(100)
    .regex(/^application\/json(\s*;.*)?$/i, violation('invalidFormat'))
    .optional(),
};

/** Schema of one kind of event. Extension attributes are let through and not read. */
export function cloudEventSchema<const Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ ...envelopeFields, type: z.literal(type), data });
}

/** The subject of every command and event about a token. */
export function subjectOf(registry: string, token: string): string {
  return `${registry}/${token}`;
}
